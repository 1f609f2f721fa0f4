/** Makes the rows of a target table equal to a dataset version, inside the caller's transaction. */
import { pipeline } from "node:stream/promises";
import type pg from "pg";
import copyStreams from "pg-copy-streams";
import { ShoplakeError } from "../../util/errors.ts";
import { pgIdent } from "../../util/postgres.ts";
import type { SinkContext, SinkInput } from "../sink.ts";
import { type Constraints, InTheWay, takeOff } from "./constraints.ts";
import type { TargetTable } from "./table.ts";

export interface RowChanges {
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
}

export interface RowsRequest {
  readonly client: pg.Client;
  readonly target: TargetTable;
  readonly input: SinkInput;
  /** How many rows the dataset holds; a copy of another number of rows is an error. */
  readonly rows: number;
  /** What Shoplake has set on the table. */
  readonly constraints: Constraints;
  readonly context: SinkContext;
}

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
  const { client, target } = request;
  if (target.key.length > 0 && !target.empty) return mergeRows(request);
  // Not TRUNCATE: that would lock out readers, and those with an older snapshot would see an empty table.
  const deleted = target.empty ? 0 : ((await client.query(`DELETE FROM ${target.name}`)).rowCount ?? 0);
  const inserted = await copyInto(request, target.name);
  return { inserted, updated: 0, deleted };
}

async function mergeRows(request: RowsRequest): Promise<RowChanges> {
  const { client, target } = request;
  const names = target.columns.map(({ name }) => pgIdent(name));
  const key = target.key.map(pgIdent);
  const rest = names.filter((name) => !key.includes(name));
  const same = key.map((name) => `t.${name} = s.${name}`).join(" AND ");
  const stage = "pg_temp._shoplake_stage";
  await client.query(
    `CREATE TEMP TABLE _shoplake_stage ON COMMIT DROP AS SELECT ${names.join(", ")} FROM ${target.name} WITH NO DATA`,
  );
  await copyInto(request, stage);
  await client.query(`CREATE UNIQUE INDEX ON ${stage} (${key.join(", ")})`);
  await client.query(`ANALYZE ${stage}`);
  await refuseLoss(request, { stage, same });
  const count = async (statement: string) => (await client.query(statement)).rowCount ?? 0;
  const deleted = await count(
    `DELETE FROM ${target.name} t WHERE NOT EXISTS (SELECT 1 FROM ${stage} s WHERE ${same})`,
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
 * taken off before; the delivery of the referring dataset sets them again.
 */
async function refuseLoss(
  { client, target, constraints }: RowsRequest,
  { stage, same }: { readonly stage: string; readonly same: string },
): Promise<void> {
  const { incoming, unique } = constraints;
  if (incoming.length + unique.length === 0) return;
  const columns = [...incoming.map(({ toColumn }) => toColumn), ...unique.map(({ column }) => column)];
  const others = [...new Set(columns)].filter((column) => !target.key.includes(column)).map(pgIdent);
  const changed = others.map((name) => `t.${name} IS NOT DISTINCT FROM s.${name}`);
  const kept = [same, ...changed].join(" AND ");
  const lost = `SELECT 1 FROM ${target.name} t WHERE NOT EXISTS (SELECT 1 FROM ${stage} s WHERE ${kept}) LIMIT 1`;
  if ((await client.query(lost)).rowCount !== 0)
    throw new InTheWay(takeOff({ own: [], incoming, unique: others.length === 0 ? [] : unique }));
}

function list(alias: string, names: readonly string[]): string {
  return names.map((name) => `${alias}.${name}`).join(", ");
}

async function copyInto(
  { client, target, input, rows, context }: RowsRequest,
  into: string,
): Promise<number> {
  const names = target.columns.map(({ name }) => pgIdent(name)).join(", ");
  const select = target.columns.map(({ select: value }) => value).join(", ");
  const bytes = await context.engine.download(`SELECT ${select} FROM ${input.from}`, "TSV", {
    settings: tsvSettings,
    signal: context.signal,
  });
  const copy = client.query(copyStreams.from(`COPY ${into} (${names}) FROM STDIN`));
  await pipeline(bytes, copy, { signal: context.signal });
  if (copy.rowCount !== rows)
    throw new ShoplakeError("sink", `${copy.rowCount} rows arrived in PostgreSQL, the dataset has ${rows}.`, {
      where: input.dataset,
      hint: "Nothing was changed. Run it again.",
      retryable: true,
    });
  return rows;
}
