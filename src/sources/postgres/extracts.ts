/** What one read of a table yields: rows to widen, new rows, tombstones of deleted ones. */
import type pg from "pg";
import type { Column } from "../../engine/engine.ts";
import { ident, idents } from "../../engine/sql.ts";
import { isPlatformColumn } from "../reserved-names.ts";
import { type AgreedColumns, bare, refuseChangesUnderModels } from "../schema-policy.ts";
import type { BronzeState, Extract, SourceContext } from "../source.ts";
import { askFor, type Copied, type CopyRequest, startCopy } from "./copy/copy.ts";
import { type CopyStart, lastCopy } from "./copy/last-copy.ts";
import type { PostgresSourceConfig } from "./options.ts";
import { type CursorStart, cursorStart } from "./tables/cursor.ts";
import { deadKeyCondition, deadKeyLimit, keysOf, tombstones } from "./tables/deletes.ts";
import { changesForReaders, reconcileColumns, warningsOf } from "./tables/schema-change.ts";
import { deletedColumn, type ResolvedTable } from "./tables/table.ts";
import type { ColumnReader } from "./tables/types.ts";

interface Reading {
  readonly state: BronzeState;
  readonly context: SourceContext;
}

/** In the transaction that `client` has open; the next extract is made when the one before was read. */
export async function* extracts(
  client: pg.Client,
  config: PostgresSourceConfig,
  table: ResolvedTable,
  { state, context }: Reading,
): AsyncGenerator<Extract> {
  const agreed = await columnsToCopy(config, table, state);
  for (const warning of warningsOf(agreed, config.schemaPolicy, table.where)) context.warn(warning);
  const { taken: copied, gone } = agreed;
  const detectDeletes = table.options.detectDeletes;
  const constants = [
    ...gone.map((column) => ({ ...column, value: `CAST(NULL AS ${column.type})` })),
    ...(detectDeletes ? [{ ...deletedColumn, value: "false" }] : []),
  ];
  const request = (columns: readonly ColumnReader[], conditions: readonly string[]): CopyRequest => ({
    client,
    where: table.where,
    schema: config.schema,
    table: table.from,
    columns,
    conditions: [...(table.options.where === undefined ? [] : [`(${table.options.where})`]), ...conditions],
  });
  const memory = lastCopy(context, table.where, [state.from, copied, constants, table.options]);
  const last = await memory.recall();
  const start = last?.start ?? (await startOf(table, { state, context }));
  if (start.write.mode !== "overwrite") yield* widening(table, copied, state, context);
  const asked = request(copied, start.conditions);
  const copy = await askFor(asked, context);
  if (copy.digest === undefined || copy.digest !== last?.digest) {
    const rows = await startCopy(copy, asked, context);
    yield {
      ...extractOf(rows, `${config.schema}.${table.from}`),
      ...(rows.rows !== undefined && { rows: rows.rows }),
      from: withConstants(rows.from, copied, constants),
      columns: [...copied, ...constants].map(({ name, type }) => ({ name, type })),
      write: start.write,
      nothingNew: () => memory.keep({ start, digest: copy.digest }),
    };
  }
  if (!detectDeletes || state.from === undefined || !hasColumn(state, "_deleted")) return;
  const key = copied.filter(({ name }) => table.key.includes(name));
  const askedKeys = request(key, []);
  const keys = await startCopy(await askFor(askedKeys, context), askedKeys, context);
  const pushKeys = keys.pump;
  const columns = [...copied, ...gone].filter(({ name }) => hasColumn(state, name));
  yield {
    ...extractOf(keys, `${config.schema}.${table.from} (deleted rows)`),
    from: tombstones(state.from, keys.from, key, columns),
    columns: [...columns.map(({ name, type }) => ({ name, type })), deletedColumn],
    write: { mode: "append" },
    ...(pushKeys !== undefined && { pump: (signal) => pushKeys(signal).then(() => undefined) }),
  };
}

/** Throws `source` when the policy forbids the change, or models read what it would spoil. */
async function columnsToCopy(
  { schemaPolicy }: PostgresSourceConfig,
  { columns, options, where }: ResolvedTable,
  { columns: bronze, modelsThatRead }: BronzeState,
): Promise<AgreedColumns<ColumnReader>> {
  const agreed = reconcileColumns(columns, bronze, schemaPolicy, where);
  if (bronze === undefined || modelsThatRead === undefined) return agreed;
  const accepted = [...options.retired, ...options.asText];
  const changes = changesForReaders(agreed, bronze).filter(({ name }) => !accepted.includes(name));
  await refuseChangesUnderModels(changes, modelsThatRead, where);
  return agreed;
}

/**
 * When columns have got wider types: bronze's own rows once more, in these types. The files of a Delta table keep one type for all,
 * so they are rewritten; only _ingested_at and _run_id of the old rows are lost.
 */
async function* widening(
  table: ResolvedTable,
  copied: readonly Column[],
  state: BronzeState,
  context: SourceContext,
): AsyncGenerator<Extract> {
  const types = new Map(copied.map(({ name, type }) => [name, type]));
  const wider = state.columns?.filter(({ name, type }) => bare(types.get(name) ?? type) !== bare(type)) ?? [];
  if (state.from === undefined || state.columns === undefined || wider.length === 0) return;
  const names = wider.map(({ name, type }) => `${name} (${bare(type)} to ${bare(types.get(name) ?? type)})`);
  context.warn(`${table.where}: bronze is rewritten for wider columns: ${names.join(", ")}`);
  const columns = state.columns
    .filter(({ name }) => !isPlatformColumn(name))
    .map(({ name, type }) => ({ name, type: types.get(name) ?? type }));
  const casts = columns.map(({ name, type }) => `CAST(${ident(name)} AS ${type}) AS ${ident(name)}`);
  yield {
    label: `${table.name} (wider columns)`,
    from: `(SELECT ${casts.join(", ")} FROM ${state.from})`,
    columns,
    write: { mode: "overwrite" },
    positions: {},
    rejected: [],
    dispose: async () => {},
  };
}

function extractOf(copied: Copied, label: string) {
  return {
    label,
    settings: copied.settings,
    positions: {},
    rejected: [],
    ...(copied.pump !== undefined && { pump: copied.pump }),
    dispose: () => copied.dispose(),
  };
}

function withConstants(
  from: string,
  copied: readonly Column[],
  constants: readonly (Column & { readonly value: string })[],
): string {
  if (constants.length === 0) return from;
  const values = constants.map(({ name, value }) => `${value} AS ${ident(name)}`).join(", ");
  return `(SELECT ${idents(copied.map(({ name }) => name))}, ${values} FROM ${from})`;
}

async function startOf(table: ResolvedTable, { state, context }: Reading): Promise<CopyStart> {
  const cursor = table.columns.find(({ name }) => name === table.options.cursor);
  if (cursor === undefined) return { conditions: [], write: { mode: "overwrite" } };
  if (state.from === undefined) return { conditions: [], write: { mode: "append" } };
  const window = { seconds: table.options.safetyWindowSeconds, units: table.options.safetyWindowUnits };
  const start = hasColumn(state, cursor.name)
    ? await cursorStart(context.engine, state.from, cursor, window)
    : undefined;
  if (!table.options.detectDeletes || !hasColumn(state, "_deleted")) return plainStart(start);
  const key = table.columns.filter(({ name }) => table.key.includes(name));
  const dead = await deadKeyCondition(context.engine, state.from, key);
  if (dead === undefined) return plainStart(start);
  if (dead === "tooMany")
    context.warn(
      `${table.where}: more than ${deadKeyLimit} deleted rows; one that comes back with an old ${cursor.name} is not noticed`,
    );
  const names = key.map(({ name }) => name);
  const alive = `(${idents(names)}) NOT IN (${keysOf(state.from, names, true)})`;
  const conditions =
    start === undefined ? [] : [dead === "tooMany" ? start.postgres : `(${start.postgres} OR ${dead})`];
  return {
    conditions,
    write: { mode: "append_new", where: `${start?.clickhouse ?? "true"} AND ${alive}` },
  };
}

function plainStart(start: CursorStart | undefined): CopyStart {
  return {
    conditions: start === undefined ? [] : [start.postgres],
    write: { mode: "append_new", where: start?.clickhouse ?? "true" },
  };
}

function hasColumn(state: BronzeState, name: string): boolean {
  return state.columns?.some((column) => column.name === name) === true;
}
