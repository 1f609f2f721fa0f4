/** Which rows of a table to ask for, and how they enter bronze. */
import type pg from "pg";
import { idents } from "../../engine/sql.ts";
import { pgIdent, postgresError } from "../../util/postgres.ts";
import type { BronzeState, SourceContext } from "../source.ts";
import type { CopyStart } from "./copy/last-copy.ts";
import type { PostgresSourceConfig } from "./options.ts";
import { cursorPlan } from "./tables/cursor.ts";
import { keyCondition, keysOf } from "./tables/deletes.ts";
import { deletedColumn, type ResolvedTable } from "./tables/table.ts";
import type { ColumnReader } from "./tables/types.ts";

/** What is held and what may be used. */
export interface Reading {
  /** What bronze holds. */
  readonly state: BronzeState;
  /** What the source may use. */
  readonly context: SourceContext;
}

interface UnseenKeys {
  /** Columns of the key. */
  readonly key: readonly ColumnReader[];
  /** As `ComparedKeys` has them. */
  readonly unseen: readonly (readonly string[])[] | "tooMany";
}

/** Where to start, by what bronze holds. `reload`: everything, in the place of what is there. */
export async function startOf(table: ResolvedTable, { state, context }: Reading): Promise<CopyStart> {
  const cursor = table.columns.find(({ name }) => name === table.options.cursor);
  if (cursor === undefined || state.reload === true) return { write: { mode: "overwrite" } };
  if (state.from === undefined) return { write: { mode: "append" } };
  const { safetyWindowSeconds: seconds, safetyWindowUnits: units, cursorMax: max } = table.options;
  const { start, passed } = hasColumn(state, cursor.name)
    ? await cursorPlan(context.engine, state.from, cursor, { window: { seconds, units }, max })
    : { start: undefined, passed: undefined };
  const conditions = [start?.clickhouse ?? "true", ...aliveIn(table, state)];
  return {
    ...(start !== undefined && { condition: start.postgres }),
    write: {
      mode: "append_new",
      where: conditions.join(" AND "),
      ...(table.key.length === 0 && { counted: true }),
    },
    ...(passed !== undefined && { passed }),
  };
}

/** Condition of the engine for the rows of bronze whose keys are alive: a row that comes back as it was is new. */
function aliveIn({ options, key }: ResolvedTable, state: BronzeState): string[] {
  if (!options.detectDeletes || state.from === undefined || !hasColumn(state, deletedColumn.name)) return [];
  return [`(${idents(key)}) NOT IN (${keysOf(state.from, key, true)})`];
}

/** The start with the rows of `unseen` keys, which lie before it. Of too many keys all rows are read, and compared with all. */
export function withUnseen(
  start: CopyStart,
  table: ResolvedTable,
  { state, key, unseen }: Pick<Reading, "state"> & UnseenKeys,
): CopyStart {
  if (start.condition === undefined || unseen.length === 0) return start;
  if (unseen !== "tooMany")
    return { ...start, condition: `(${start.condition} OR ${keyCondition(key, unseen)})` };
  return { write: { mode: "append_new", where: aliveIn(table, state).join(" AND ") } };
}

/** Tells of cursor values beyond the greatest that is believed, as long as the source holds them. */
export async function warnOfPassed(
  client: pg.Client,
  table: ResolvedTable,
  { start, config, context }: { start: CopyStart; config: PostgresSourceConfig; context: SourceContext },
): Promise<void> {
  const column = table.columns.find(({ name }) => name === table.options.cursor);
  const cursor = pgIdent(column?.received ?? "");
  const conditions = [table.options.where, `${cursor} > ${start.passed}`].flatMap((one) =>
    one === undefined ? [] : [`(${one})`],
  );
  const { rows } = await client
    .query<{ n: string; top: string | null }>(
      `SELECT count(*)::text AS n, max(${cursor})::text AS top FROM ${pgIdent(config.schema)}.${pgIdent(table.from)} WHERE ${conditions.join(" AND ")}`,
    )
    .catch((error: unknown) => {
      throw postgresError(error, "source", table.where);
    });
  const [found] = rows;
  if (found === undefined || found.top === null) return;
  const what = found.n === "1" ? "1 row has" : `${found.n} rows have`;
  const beyond = table.options.cursorMax === undefined ? "in the future" : "beyond cursorMax";
  context.warn(
    `${table.where}: ${what} a value of ${table.options.cursor} ${beyond}, up to ${found.top}. Reading starts behind the newest value before that. Correct them at the source, then \`shoplake reload ${table.dataset}\`; when they are right, set cursorMax.`,
  );
}

/** True when bronze has the column. */
export function hasColumn(state: BronzeState, name: string): boolean {
  return state.columns?.some((column) => column.name === name) === true;
}
