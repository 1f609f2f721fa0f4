/** Everything the pipeline needs to stage one row-wise model: what to publish, what to reject, and the exact counts. */
import type { Engine, ParameterValue, QueryOptions } from "../engine/engine.ts";
import type { TaskCounts } from "../telemetry/events.ts";
import { dedupe, deletedCondition, nullSafeKey } from "./dedupe.ts";
import { guardedSelect, isDeduplicated, plainSelect, type RowModel } from "./rules.ts";

export interface Staging {
  /** Rows to publish, in the columns of the model's schema. */
  readonly select: string;
  /** Guarded rows for `stageRejects`; undefined when no row broke a rule. */
  readonly rejects: string | undefined;
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
  const sql = measureSelect(model);
  if (sql === undefined) return { select: plainSelect(model), rejects: undefined, counts: undefined };
  const measured = await first(engine, sql, options);
  const keys = measured["keys"];
  const deleted = measured["deleted"] ?? 0;
  const staging = stagingOf(model, {
    read: measured["read"] ?? 0,
    rejected: measured["rejected"] ?? 0,
    keys,
    deleted,
  });
  if (deleted === 0 || keys === undefined || !staging.counts) return staging;
  const { published = 0 } = await first(
    engine,
    `SELECT count() AS published FROM (${staging.select})`,
    options,
  );
  const { read, rejected } = staging.counts;
  return { ...staging, counts: { read, rejected, published, deduplicated: read - rejected - published } };
}

/** The statement that measures; undefined when there is nothing to reject or to deduplicate. */
export function measureSelect(model: RowModel): string | undefined {
  const guarded = guardedSelect(model);
  if (!guarded) return undefined;
  const deleted = deletedCondition(model.schema);
  const key = nullSafeKey(model.key, model.schema);
  const columns = [
    "count() AS read",
    "countIf(_reject != '') AS rejected",
    ...(isDeduplicated(model) ? [`uniqExactIf(${key}, _reject = '') AS keys`] : []),
    ...(isDeduplicated(model) && deleted ? [`countIf(_reject = '' AND ${deleted}) AS deleted`] : []),
  ];
  return `SELECT ${columns.join(", ")} FROM (${guarded})`;
}

/** The statements for what was measured. With deleted rows, `counts` takes the keys for published until they are counted. */
export function stagingOf(model: RowModel, measured: Measured): Staging {
  const { read, rejected, keys, deleted } = measured;
  const guarded = guardedSelect(model) ?? model.sql;
  const rows = `${plainSelect(model, guarded)}${rejected === 0 ? "" : " WHERE _reject = ''"}`;
  const good = read - rejected;
  const published = keys ?? good;
  const doubled = good - published;
  const by = doubled < good * SPLIT_BELOW ? "split" : "sort";
  const unique = keys === undefined || (doubled === 0 && deleted === 0);
  return {
    select: unique ? rows : dedupe(rows, model, [], by),
    rejects: rejected === 0 ? undefined : guarded,
    counts: { read, rejected, published, deduplicated: doubled },
  };
}

async function first(engine: Engine, sql: string, options: QueryOptions): Promise<Record<string, number>> {
  const [row = {}] = await engine.rows<Record<string, string | number>>(sql, options);
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, Number(value)]));
}
