/**
 * Which rows of a model are published, rejected or superseded by a newer one: measured before anything is written, proved
 * afterwards. Without rules and key nothing is measured. With rules the rows are counted, which reads few columns or none.
 * With a key to choose by, one pass over key and rules tells whether anything is doubled; the rows are deduplicated only then.
 */

import type { TaskCounts } from "../../api/runs.ts";
import type { Engine, QueryOptions } from "../../engine/engine.ts";
import { dedupe, deletedCondition, nullSafeKey } from "../../quality/dedupe.ts";
import type { GuardedRows } from "../../quality/rejects.ts";
import { guardedSelect, isDeduplicated, plainSelect, type RowModel } from "../../quality/rules.ts";
import { ShoplakeError } from "../../util/errors.ts";

/** What to write of a model. */
export interface SplitRows {
  /** Rows to publish, in the columns of the model's schema. */
  readonly select: string;
  /** All rows, each with the rule that it breaks; undefined: none can be rejected or superseded. */
  readonly guarded: GuardedRows | undefined;
  /** Rows of the SELECT; undefined: as many as are written. */
  readonly read: number | undefined;
  /** Rows that a newer one of the same key supersedes. */
  readonly deduplicated: number;
}

/** Measures the rows of a model and chooses the cheapest statement that gives those to publish. */
export async function splitRows(
  engine: Engine,
  model: RowModel,
  options: QueryOptions = {},
): Promise<SplitRows> {
  const guarded = guardedSelect(model);
  if (!guarded) return { select: plainSelect(model), guarded: undefined, read: undefined, deduplicated: 0 };
  if (isDeduplicated(model)) return splitKeyed(engine, model, guarded, options);
  const { read = 0 } = await first(engine, `SELECT count() AS read FROM (${plainSelect(model)})`, options);
  const select = `${plainSelect(model, guarded)} WHERE _reject = ''`;
  return { select, guarded: { select: guarded }, read, deduplicated: 0 };
}

/** The rows that have to go to quarantine when so many were written; undefined: none. */
export function rejectedRows(
  { guarded, read, deduplicated }: SplitRows,
  written: number,
): GuardedRows | undefined {
  return read === undefined || read - deduplicated === written ? undefined : guarded;
}

/**
 * The counts of rows that were written and rejected. Throws `internal` unless read = published + rejected + deduplicated:
 * the SELECT gave other rows each time.
 */
export function reconciled(
  dataset: string,
  { read, deduplicated }: SplitRows,
  { published, rejected }: Pick<TaskCounts, "published" | "rejected">,
): TaskCounts {
  const counts = { read: read ?? published, published, rejected, deduplicated };
  if (counts.read === published + rejected + deduplicated) return counts;
  throw new ShoplakeError(
    "internal",
    `rows do not reconcile: ${counts.read} read, but ${published} staged, ${rejected} rejected and ${deduplicated} deduplicated`,
    {
      where: dataset,
      hint: "Nothing was published. A SELECT that gives other rows each time (now(), rand(), LIMIT without ORDER BY) cannot be counted.",
    },
  );
}

/** What one cheap pass over the guarded rows finds. */
interface Measured {
  readonly read: number;
  readonly rejected: number;
  /** Distinct keys among the good rows. */
  readonly keys: number;
  /** Every row, good or not, has a key of its own. */
  readonly alone: boolean;
  /** Good rows with `_deleted` set. */
  readonly deleted: number;
}

/** Sorting pays when more than this share of the good rows is superseded by a newer one. */
const splitBelow = 0.2;

/** No filter without rejects, no deduplication without doubled keys. Rows that end deleted are counted by a pass of their own. */
async function splitKeyed(
  engine: Engine,
  model: RowModel,
  guarded: string,
  options: QueryOptions,
): Promise<SplitRows> {
  const measured = await measure(engine, model, guarded, options);
  const { read, rejected, keys, deleted, alone } = measured;
  const select = selectOf(model, guarded, measured);
  const published =
    deleted === 0
      ? keys
      : ((await first(engine, `SELECT count() AS published FROM (${select})`, options))["published"] ?? 0);
  return { select, guarded: { select: guarded, alone }, read, deduplicated: read - rejected - published };
}

function selectOf(model: RowModel, guarded: string, { read, rejected, keys, deleted }: Measured): string {
  const good = read - rejected;
  const doubled = good - keys;
  const where = rejected === 0 ? {} : { where: "_reject = ''" };
  if (doubled > 0 || deleted > 0)
    return dedupe({ select: guarded, ...where }, model, [], doubled < good * splitBelow ? "split" : "sort");
  return `${plainSelect(model, guarded)}${rejected === 0 ? "" : " WHERE _reject = ''"}`;
}

/** Keys of good rows are told from those of bad ones only when some key occurs in several rows: it takes another pass. */
async function measure(
  engine: Engine,
  model: RowModel,
  guarded: string,
  options: QueryOptions,
): Promise<Measured> {
  const deleted = deletedCondition(model.schema);
  const key = nullSafeKey(model.key, model.schema);
  const columns = [
    "count() AS read",
    "countIf(_reject != '') AS rejected",
    `uniqExact(${key}) AS keys`,
    ...(deleted ? [`countIf(_reject = '' AND ${deleted}) AS deleted`] : []),
  ];
  const found = await first(engine, `SELECT ${columns.join(", ")} FROM (${guarded})`, options);
  const { read = 0, rejected = 0, deleted: gone = 0, keys = 0 } = found;
  const counts = { read, rejected, deleted: gone };
  if (keys === read) return { ...counts, keys: read - rejected, alone: true };
  if (rejected === 0) return { ...counts, keys, alone: false };
  const good = `SELECT uniqExactIf(${key}, _reject = '') AS keys FROM (${guarded})`;
  return { ...counts, keys: (await first(engine, good, options))["keys"] ?? 0, alone: false };
}

async function first(engine: Engine, sql: string, options: QueryOptions): Promise<Record<string, number>> {
  const [row = {}] = await engine.rows<Record<string, string | number>>(sql, options);
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, Number(value)]));
}
