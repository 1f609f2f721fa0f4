/** Stages the rows of a row-wise model: what to publish, what to reject, and counts that reconcile. */
import type { Engine, ParameterValue, QueryOptions } from "../engine/engine.ts";
import type { TaskCounts } from "../telemetry/events.ts";
import { ShoplakeError } from "../util/errors.ts";
import { dedupe, deletedCondition, nullSafeKey } from "./dedupe.ts";
import type { GuardedRows } from "./rejects.ts";
import { guardedSelect, isDeduplicated, plainSelect, type RowModel } from "./rules.ts";

/** Where rows go. Both give the number of rows they wrote. */
export interface StageSteps {
  /** Writes the rows of a SELECT, in the columns of the model's schema, where no reader looks. */
  readonly write: (select: string) => Promise<number>;
  /** Writes the broken ones of guarded rows to the quarantine: `stageRejects`. */
  readonly reject: (guarded: GuardedRows) => Promise<number>;
}

/**
 * Stages a model in as few passes as possible, and proves read = published + rejected + deduplicated against what was
 * written; throws `internal` when it is not so (a SELECT that gives other rows each time).
 *
 * Without rules and key: one pass. With rules: one pass and a count, which reads few columns or none; a second pass only
 * when there are rejects. With a key to choose by: one pass over key and rules first, which tells whether anything is
 * doubled; the rows are deduplicated only then.
 */
export async function stageRows(
  engine: Engine,
  model: RowModel,
  steps: StageSteps,
  options: StagingOptions = {},
): Promise<TaskCounts> {
  const guarded = guardedSelect(model);
  if (!guarded) {
    const published = await steps.write(plainSelect(model));
    return { read: published, published, rejected: 0, deduplicated: 0 };
  }
  return isDeduplicated(model)
    ? stageKeyed(engine, model, steps, options)
    : stageKeyless(engine, { model, guarded }, steps, options);
}

async function stageKeyless(
  engine: Engine,
  { model, guarded }: { readonly model: RowModel; readonly guarded: string },
  steps: StageSteps,
  options: StagingOptions,
): Promise<TaskCounts> {
  const counted = await first(engine, `SELECT count() AS read FROM (${plainSelect(model)})`, options);
  const read = counted["read"] ?? 0;
  const published = await steps.write(`${plainSelect(model, guarded)} WHERE _reject = ''`);
  const rejected = read === published ? 0 : await steps.reject({ select: guarded });
  return reconciled(model.dataset, { read, published, rejected, deduplicated: 0 });
}

async function stageKeyed(
  engine: Engine,
  model: RowModel,
  steps: StageSteps,
  options: StagingOptions,
): Promise<TaskCounts> {
  const { select, rejects, counts } = await prepareStaging(engine, model, options);
  const published = await steps.write(select);
  const rejected = rejects === undefined ? 0 : await steps.reject(rejects);
  return reconciled(model.dataset, { read: 0, deduplicated: 0, ...counts, published, rejected });
}

function reconciled(dataset: string, counts: TaskCounts): TaskCounts {
  const { read, published, rejected, deduplicated } = counts;
  if (read === published + rejected + deduplicated) return counts;
  throw new ShoplakeError(
    "internal",
    `rows do not reconcile: ${read} read, but ${published} staged, ${rejected} rejected and ${deduplicated} deduplicated`,
    {
      where: dataset,
      hint: "Nothing was published. A SELECT that gives other rows each time (now(), rand(), LIMIT without ORDER BY) cannot be counted.",
    },
  );
}

/** How to stage a model, after its rows were measured. */
export interface Staging {
  /** Rows to publish, in the columns of the model's schema. */
  readonly select: string;
  /** Guarded rows for `stageRejects`; undefined when no row broke a rule. */
  readonly rejects: GuardedRows | undefined;
  /**
   * What the statements must give: the INSERT of `select` has to write `counts.published` rows. undefined when nothing can
   * be rejected or deduplicated: then read = published = rows written.
   */
  readonly counts: TaskCounts | undefined;
}

/** What one cheap pass over the guarded rows finds. */
export interface Measured {
  readonly read: number;
  readonly rejected: number;
  /** Distinct keys among the good rows; undefined when the model is not deduplicated. */
  readonly keys: number | undefined;
  /** Every row, good or not, has a key of its own. */
  readonly alone: boolean;
  /** Good rows with `_deleted` set. */
  readonly deleted: number;
}

export interface StagingOptions {
  readonly params?: Readonly<Record<string, ParameterValue>>;
  readonly settings?: Readonly<Record<string, string | number>>;
  readonly signal?: AbortSignal;
}

/** Sorting pays when more than this share of the good rows is superseded by a newer one. */
const SPLIT_BELOW = 0.2;

/**
 * Measures the model's rows in one pass over the columns that rules and key need, and chooses the cheapest statements:
 * no filter without rejects, no deduplication without doubled keys.
 */
export async function prepareStaging(
  engine: Engine,
  model: RowModel,
  options: StagingOptions = {},
): Promise<Staging> {
  const guarded = guardedSelect(model);
  if (!guarded) return { select: plainSelect(model), rejects: undefined, counts: undefined };
  const measured = await measure(engine, model, guarded, options);
  const { keys, deleted } = measured;
  const staging = stagingOf(model, measured);
  if (deleted === 0 || keys === undefined || !staging.counts) return staging;
  const { published = 0 } = await first(
    engine,
    `SELECT count() AS published FROM (${staging.select})`,
    options,
  );
  const { read, rejected } = staging.counts;
  return { ...staging, counts: { read, rejected, published, deduplicated: read - rejected - published } };
}

/** Keys of good rows are told from those of bad ones only when some key stands in several rows: it takes another pass. */
async function measure(
  engine: Engine,
  model: RowModel,
  guarded: string,
  options: StagingOptions,
): Promise<Measured> {
  const deleted = deletedCondition(model.schema);
  const key = nullSafeKey(model.key, model.schema);
  const keyed = isDeduplicated(model);
  const columns = [
    "count() AS read",
    "countIf(_reject != '') AS rejected",
    ...(keyed ? [`uniqExact(${key}) AS keys`] : []),
    ...(keyed && deleted ? [`countIf(_reject = '' AND ${deleted}) AS deleted`] : []),
  ];
  const found = await first(engine, `SELECT ${columns.join(", ")} FROM (${guarded})`, options);
  const { read = 0, rejected = 0, deleted: gone = 0 } = found;
  const counts = { read, rejected, deleted: gone };
  if (found["keys"] === read) return { ...counts, keys: read - rejected, alone: true };
  if (!keyed || rejected === 0) return { ...counts, keys: found["keys"], alone: false };
  const good = `SELECT uniqExactIf(${key}, _reject = '') AS keys FROM (${guarded})`;
  return { ...counts, keys: (await first(engine, good, options))["keys"], alone: false };
}

/** The statements for what was measured. With deleted rows, `counts` takes the keys for published until they are counted. */
export function stagingOf(model: RowModel, measured: Measured): Staging {
  const { read, rejected, keys, deleted, alone } = measured;
  const guarded = guardedSelect(model) ?? model.sql;
  const good = read - rejected;
  const published = keys ?? good;
  const doubled = good - published;
  const by = doubled < good * SPLIT_BELOW ? "split" : "sort";
  const unique = keys === undefined || (doubled === 0 && deleted === 0);
  return {
    select: unique
      ? `${plainSelect(model, guarded)}${rejected === 0 ? "" : " WHERE _reject = ''"}`
      : dedupe({ select: guarded, ...(rejected === 0 ? {} : { where: "_reject = ''" }) }, model, [], by),
    rejects: rejected === 0 ? undefined : { select: guarded, alone },
    counts: { read, rejected, published, deduplicated: doubled },
  };
}

async function first(engine: Engine, sql: string, options: QueryOptions): Promise<Record<string, number>> {
  const [row = {}] = await engine.rows<Record<string, string | number>>(sql, options);
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, Number(value)]));
}
