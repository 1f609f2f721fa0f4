/**
 * The quarantine: rows that were not published, with reason, source and the raw text.
 *
 * Rejects are written while a task stages and carry its task id; they are visible (view ops.quarantine) only once
 * ops.publications holds that task. A status is derived: `discarded` when a person said so, `open` while the newest
 * publications reject the row, else `replayed`.
 */
import type { Engine, ParameterValue, QueryOptions } from "../engine/engine.ts";
import { text } from "../engine/sql.ts";
import type { RejectedInput } from "../sources/source.ts";
import type { QuarantineCount, QuarantineFilter, QuarantineRow } from "./quarantine-row.ts";
import { type GuardedRows, type RejectModel, rejectRows } from "./rejects.ts";

export type * from "./quarantine-row.ts";

/** Whose rejects are staged, and when. Default of `at`: the engine's clock. */
export interface RejectOrigin {
  /** Dataset that the rows were meant for. */
  readonly dataset: string;
  /** `runId` and `taskId` of who rejects them: they become visible once this task has published. */
  readonly runId: string;
  readonly taskId: string;
  /** Default: the engine's clock. */
  readonly at?: Date;
}

/** Rejects among the rows of a model. */
export interface StagedRejects extends RejectOrigin, GuardedRows {
  /** Names key and columns. */
  readonly model: RejectModel;
}

/** Writes the broken rows of a guarded SELECT inside the engine. Gives their number. */
export async function stageRejects(
  engine: Engine,
  rejects: StagedRejects,
  options: QueryOptions = {},
): Promise<number> {
  const { writtenRows } = await engine.command(
    `INSERT INTO ops.quarantine_log (dataset, run_id, task_id, rule, dimension, reason, raw, raw_encoding, source_ref, key, staged_at)
SELECT ${text(rejects.dataset)}, ${text(rejects.runId)}, ${text(rejects.taskId)}, rule, dimension, reason,
  if(isValidUTF8(raw), raw, base64Encode(raw)), if(isValidUTF8(raw), 'utf8', 'base64'),
  toValidUTF8(source_ref), toValidUTF8(key), ${atSql(rejects.at)}
FROM (${rejectRows(rejects, rejects.model)})`,
    options,
  );
  return writtenRows;
}

/** Rejects of a source: what could not even be read as a row. */
export interface StagedInputs extends RejectOrigin {
  /** Each with its place and its bytes. */
  readonly rejected: readonly RejectedInput[];
}

/** Rows of one INSERT: bounds the body of a request. */
const INPUTS_AT_ONCE = 10_000;

/** Writes unreadable pieces of a source's input. Nothing happens for none. */
export async function stageRejectedInputs(engine: Engine, inputs: StagedInputs): Promise<number> {
  const at = inputs.at?.toISOString().replace("T", " ").replace("Z", "");
  const rows = inputs.rejected.map((input) => ({
    dataset: inputs.dataset,
    run_id: inputs.runId,
    task_id: inputs.taskId,
    rule: input.rule,
    dimension: "validity",
    reason: input.reason,
    raw: input.raw,
    raw_encoding: input.rawEncoding ?? "utf8",
    source_ref: input.sourceRef,
    key: input.key ?? "",
    ...(at === undefined ? {} : { staged_at: at }),
  }));
  for (let from = 0; from < rows.length; from += INPUTS_AT_ONCE)
    await engine.insert("ops.quarantine_log", rows.slice(from, from + INPUTS_AT_ONCE));
  return rows.length;
}

/** Reads the quarantine and changes what a person or a publication decides. */
export interface Quarantine {
  /** Newest sighting first. */
  list(filter?: QuarantineFilter): Promise<readonly QuarantineRow[]>;
  /** Per dataset, rule and status. */
  counts(filter?: QuarantineFilter): Promise<readonly QuarantineCount[]>;
  /** By id or the beginning of one; several rows when it is ambiguous. */
  show(id: string): Promise<readonly QuarantineRow[]>;
  /** Where the open rejects of a dataset came from, each place once, without line numbers: "inbox/a.csv". */
  openPlaces(dataset: string): Promise<readonly string[]>;
  /** Marks rejects as not worth fixing, for good: they stay discarded when they are rejected again. Gives their number. */
  discard(what: readonly string[] | QuarantineFilter, by: string): Promise<number>;
  /**
   * Notes the end of rejects that the publications since `sinceVersion` no longer hold. `status` says "replayed" without it;
   * this keeps the time. Gives their number.
   */
  closeReplayed(dataset: string, sinceVersion: number): Promise<number>;
  /**
   * Deletes what these runs staged and did not publish; they must have ended, and their publications must be recorded. Nothing
   * of other runs is touched, so a run that nobody knows of loses nothing. Gives their number.
   */
  removeUnpublished(endedRuns: readonly string[]): Promise<number>;
}

/** The quarantine of an engine whose ops tables exist (openState creates them). `clock` stamps changes of status. */
export function openQuarantine(engine: Engine, clock: () => Date): Quarantine {
  return {
    list: (filter = {}) => list(engine, filter),
    async counts(filter = {}) {
      const { where, params } = conditions(filter);
      const rows = await engine.rows<QuarantineCount>(
        `SELECT dataset, rule, status, count() AS rejects, min(first_seen_at) AS oldest FROM ops.quarantine${where} GROUP BY dataset, rule, status ORDER BY dataset, rule, status`,
        { params },
      );
      return rows.map((row) => ({ ...row, rejects: Number(row.rejects) }));
    },
    async show(id) {
      const rows = await engine.rows<QuarantineRow>(
        `SELECT ${COLUMNS} FROM ops.quarantine WHERE startsWith(id, {id:String}) ORDER BY id LIMIT 20`,
        { params: { id } },
      );
      return rows.map(numbered);
    },
    async openPlaces(dataset) {
      const rows = await engine.rows<{ place: string }>(
        "SELECT DISTINCT replaceRegexpOne(source_ref, ':[0-9]+$', '') AS place FROM ops.quarantine WHERE dataset = {dataset:String} AND status = 'open' ORDER BY place",
        { params: { dataset } },
      );
      return rows.map(({ place }) => place);
    },
    discard: (what, by) => discard(engine, what, { by, at: clock() }),
    closeReplayed: (dataset, sinceVersion) => closeReplayed(engine, dataset, sinceVersion, clock()),
    removeUnpublished: (endedRuns) => removeUnpublished(engine, endedRuns),
  };
}

/** Chooses by the narrow columns first: reading the raw text of everything would take seconds for 100,000 rejects. */
async function list(engine: Engine, filter: QuarantineFilter): Promise<readonly QuarantineRow[]> {
  const { where, params } = conditions(filter);
  const order = "ORDER BY last_seen_at DESC, dataset, rule, source_ref, id";
  const chosen = `SELECT id FROM ops.quarantine${where} ${order} LIMIT {limit:UInt32}`;
  const rows = await engine.rows<QuarantineRow>(
    `SELECT ${COLUMNS} FROM ops.quarantine WHERE id IN (${chosen}) ${order}`,
    { params: { ...params, limit: filter.limit ?? 100 } },
  );
  return rows.map(numbered);
}

const COLUMNS =
  "id, dataset, run_id, task_id, rule, dimension, reason, raw, raw_encoding, source_ref, key, first_seen_at, last_seen_at, attempts, occurrences, status";

function numbered(row: QuarantineRow): QuarantineRow {
  return { ...row, attempts: Number(row.attempts), occurrences: Number(row.occurrences) };
}

function conditions(filter: QuarantineFilter): {
  readonly where: string;
  readonly params: Readonly<Record<string, ParameterValue>>;
} {
  const given = (["dataset", "rule", "status"] as const).flatMap((name) => {
    const value = filter[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const where = given.map(([name]) => `${name} = {${name}:String}`).join(" AND ");
  return { where: where === "" ? "" : ` WHERE ${where}`, params: Object.fromEntries(given) };
}

async function discard(
  engine: Engine,
  what: readonly string[] | QuarantineFilter,
  event: { readonly by: string; readonly at: Date },
): Promise<number> {
  const { where, params } = isIds(what)
    ? { where: " WHERE id IN {ids:Array(String)}", params: { ids: what } }
    : conditions(what);
  const { writtenRows } = await engine.command(
    `INSERT INTO ops.quarantine_events (id, dataset, status, by, at)
SELECT id, dataset, 'discarded', {by:String}, ${atSql(event.at)} FROM ops.quarantine${where}${where === "" ? " WHERE" : " AND"} status != 'discarded'`,
    { params: { ...params, by: event.by } },
  );
  return writtenRows;
}

function isIds(what: readonly string[] | QuarantineFilter): what is readonly string[] {
  return Array.isArray(what);
}

async function closeReplayed(
  engine: Engine,
  dataset: string,
  sinceVersion: number,
  at: Date,
): Promise<number> {
  const { writtenRows } = await engine.command(
    `INSERT INTO ops.quarantine_events (id, dataset, status, by, at)
SELECT id, dataset, 'replayed', concat('version ', toString({version:Int64})), ${atSql(at)} FROM ops.quarantine
WHERE dataset = {dataset:String} AND status = 'replayed' AND (event_status != 'replayed' OR event_at < last_seen_at)`,
    { params: { dataset, version: sinceVersion } },
  );
  return writtenRows;
}

async function removeUnpublished(engine: Engine, endedRuns: readonly string[]): Promise<number> {
  const unpublished = `run_id IN {runs:Array(String)}
  AND task_id NOT IN (SELECT task_id FROM ops.publications_log WHERE run_id IN {runs:Array(String)})`;
  const params = { runs: endedRuns };
  const count = `SELECT count() AS n FROM ops.quarantine_log WHERE ${unpublished}`;
  const [row] = await engine.rows<{ n: string }>(count, { params });
  const n = Number(row?.n ?? 0);
  if (n > 0) await engine.command(`DELETE FROM ops.quarantine_log WHERE ${unpublished}`, { params });
  return n;
}

function atSql(at: Date | undefined): string {
  if (at === undefined) return "now64(3, 'UTC')";
  return `toDateTime64(${text(at.toISOString().replace("T", " ").replace("Z", ""))}, 3, 'UTC')`;
}
