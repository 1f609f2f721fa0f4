/** Makes the rows of a target table equal to a dataset version, inside the caller's transaction. */
import { pipeline } from "node:stream/promises";
import type pg from "pg";
import copyStreams from "pg-copy-streams";
import { ShoplakeError } from "../../util/errors.ts";
import { pgIdent } from "../../util/postgres.ts";
import type { SinkContext, SinkInput } from "../sink.ts";
import { type Constraints, InTheWay, takeOff } from "./constraints.ts";
import type { Difference } from "./memory.ts";
import type { TargetTable } from "./table.ts";
import type { TargetColumn } from "./types.ts";

/** What a delivery did to rows. */
export interface RowChanges {
  /** Rows that were not there. */
  readonly inserted: number;
  /** Rows that had other values. */
  readonly updated: number;
  /** Rows that the version does not have. */
  readonly deleted: number;
}

/** Which rows to make equal to which. */
export interface RowsRequest {
  /** Inside the transaction of the delivery. */
  readonly client: pg.Client;
  /** The table as it was prepared. */
  readonly target: TargetTable;
  /** The version whose rows are copied. */
  readonly input: SinkInput;
  /** How many rows the dataset holds; a copy of another number of rows is an error. */
  readonly rows: number;
  /** What the version changes in the rows that are there; undefined: all rows are compared. */
  readonly difference: Difference | undefined;
  /** What Shoplake has set on the table. */
  readonly constraints: Constraints;
  /** Engine, signal and warnings. */
  readonly context: SinkContext;
}

/** Thrown to end a transaction: what the memory says does not fit the rows, so all rows must be compared. */
export class NotRemembered extends Error {}

/** The text forms that COPY reads. PostgreSQL takes any character after a backslash as itself, so ClickHouse's \' is fine. */
const tsvSettings = {
  format_tsv_null_representation: "\\N",
  output_format_tsv_crlf_end_of_line: 0,
  date_time_output_format: "simple",
  bool_true_representation: "true",
  bool_false_representation: "false",
  output_format_json_quote_64bit_integers: 0,
  output_format_json_quote_decimals: 0,
  output_format_json_quote_denormals: 1,
} as const;

/**
 * With a key only what differs is touched; without one, or into an empty table, all rows are replaced.
 * Throws `InTheWay` when rows that foreign keys point at would go away.
 */
export async function writeRows(request: RowsRequest): Promise<RowChanges> {
  const { client, target, input, rows } = request;
  if (target.key.length > 0 && !target.empty) return mergeRows(request);
  // Not TRUNCATE: that would lock out readers, and those with an older snapshot would see an empty table.
  const deleted = target.empty ? 0 : ((await client.query(`DELETE FROM ${target.name}`)).rowCount ?? 0);
  const inserted = await copyRows(request, target.name);
  refuseOthers(input, inserted, rows);
  return { inserted, updated: 0, deleted };
}

const stage = "pg_temp._shoplake_stage";
const touched = "pg_temp._shoplake_touched";

/** Condition for the rows `t` whose keys may differ from the version's. */
export function touchedRows({ target, difference }: Pick<RowsRequest, "target" | "difference">): string {
  return difference === undefined
    ? "true"
    : `EXISTS (SELECT 1 FROM ${touched} k WHERE ${equal("t", "k", target.key)})`;
}

/**
 * Before `writeRows`, where rows are to be merged: the keys that a difference names. Reading the rows of a few keys through the
 * index costs far less than PostgreSQL's default for random pages of a disk says; it would read the whole table each time.
 */
export async function copyTouched(request: RowsRequest): Promise<void> {
  const { client, target, difference } = request;
  if (difference === undefined) return;
  const columns = target.columns.filter(({ name }) => target.key.includes(name));
  await likeTarget(request, touched, columns);
  await copyInto(request, { into: touched, columns, from: difference.touched });
  await client.query(`ANALYZE ${touched}`);
  await client.query("SET LOCAL random_page_cost = 1.1");
}

async function mergeRows(request: RowsRequest): Promise<RowChanges> {
  const { client, target, input, rows, difference } = request;
  const names = target.columns.map(({ name }) => pgIdent(name));
  const rest = names.filter((name) => !target.key.map(pgIdent).includes(name));
  const same = equal("t", "s", target.key);
  await likeTarget(request, stage, target.columns);
  const copied = await copyRows(request, stage);
  await client.query(`CREATE UNIQUE INDEX ON ${stage} (${target.key.map(pgIdent).join(", ")})`);
  if (difference === undefined) refuseOthers(input, copied, rows);
  else if (copied !== difference.rows) throw new NotRemembered();
  await client.query(`ANALYZE ${stage}`);
  await refuseLoss(request, same);
  const count = async (statement: string) => (await client.query(statement)).rowCount ?? 0;
  const deleted = await count(
    `DELETE FROM ${target.name} t WHERE ${touchedRows(request)} AND NOT EXISTS (SELECT 1 FROM ${stage} s WHERE ${same})`,
  );
  const updated =
    rest.length === 0
      ? 0
      : await count(`UPDATE ${target.name} t SET ${rest.map((name) => `${name} = s.${name}`).join(", ")}
FROM ${stage} s WHERE ${same} AND ROW(${list("t", rest)}) IS DISTINCT FROM ROW(${list("s", rest)})`);
  const inserted = await count(
    `INSERT INTO ${target.name} (${names.join(", ")}) SELECT ${list("s", names)} FROM ${stage} s
WHERE NOT EXISTS (SELECT 1 FROM ${target.name} t WHERE ${same})`,
  );
  return { inserted, updated, deleted };
}

/**
 * PostgreSQL looks for rows that refer to a deleted one row by row, each time through the whole referring table. So foreign keys are
 * dropped before; the delivery of the referring dataset sets them again.
 */
async function refuseLoss(request: RowsRequest, same: string): Promise<void> {
  const { client, target, constraints } = request;
  const { incoming, unique } = constraints;
  if (incoming.length + unique.length === 0) return;
  const columns = [...incoming.map(({ toColumn }) => toColumn), ...unique.map(({ column }) => column)];
  const others = [...new Set(columns)].filter((column) => !target.key.includes(column)).map(pgIdent);
  const changed = others.map((name) => `t.${name} IS NOT DISTINCT FROM s.${name}`);
  const kept = [same, ...changed].join(" AND ");
  const lost = `SELECT 1 FROM ${target.name} t WHERE ${touchedRows(request)} AND NOT EXISTS (SELECT 1 FROM ${stage} s WHERE ${kept}) LIMIT 1`;
  if ((await client.query(lost)).rowCount !== 0)
    throw new InTheWay(takeOff({ own: [], incoming, unique: others.length === 0 ? [] : unique }));
}

function list(alias: string, names: readonly string[]): string {
  return names.map((name) => `${alias}.${name}`).join(", ");
}

function equal(a: string, b: string, key: readonly string[]): string {
  return key.map((name) => `${a}.${pgIdent(name)} = ${b}.${pgIdent(name)}`).join(" AND ");
}

/** A temporary table with columns of the target. */
async function likeTarget(
  { client, target }: RowsRequest,
  name: string,
  columns: readonly TargetColumn[],
): Promise<void> {
  const names = columns.map((column) => pgIdent(column.name)).join(", ");
  await client.query(
    `CREATE TEMP TABLE ${name.replace("pg_temp.", "")} ON COMMIT DROP AS SELECT ${names} FROM ${target.name} WITH NO DATA`,
  );
}

/** The rows of the version, or those that are new or changed. */
function copyRows(request: RowsRequest, into: string): Promise<number> {
  const { input, target, difference } = request;
  const from = difference === undefined ? input.from : `${input.from} WHERE ${difference.come}`;
  return copyInto(request, { into, columns: target.columns, from });
}

async function copyInto(
  { client, context }: RowsRequest,
  {
    into,
    columns,
    from,
  }: { readonly into: string; readonly columns: readonly TargetColumn[]; readonly from: string },
): Promise<number> {
  const names = columns.map(({ name }) => pgIdent(name)).join(", ");
  const select = columns.map(({ select: value }) => value).join(", ");
  const bytes = await context.engine.download(`SELECT ${select} FROM ${from}`, "TSV", {
    settings: tsvSettings,
    signal: context.signal,
  });
  const copy = client.query(copyStreams.from(`COPY ${into} (${names}) FROM STDIN`));
  await pipeline(bytes, copy, { signal: context.signal });
  return copy.rowCount;
}

function refuseOthers({ dataset }: SinkInput, arrived: number, rows: number): void {
  if (arrived !== rows)
    throw new ShoplakeError("sink", `${arrived} rows arrived in PostgreSQL, the dataset has ${rows}.`, {
      where: dataset,
      hint: "Nothing was changed. Run it again.",
      retryable: true,
    });
}
