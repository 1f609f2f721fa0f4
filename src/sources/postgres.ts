/**
 * PostgreSQL tables as a source. Every read is one REPEATABLE READ transaction: catalog, rows and keys of one moment.
 * Tables with a cursor are copied from a safety window behind bronze's greatest cursor value; others are copied whole.
 */
import type pg from "pg";
import type { Column } from "../engine/engine.ts";
import { ident, idents } from "../engine/sql.ts";
import type { PostgresSourceConfig } from "../project/config-schema.ts";
import { ShoplakeError } from "../util/errors.ts";
import { nearest } from "../util/nearest.ts";
import { connectPostgres, postgresError, postgresPlace } from "../util/postgres.ts";
import { type CatalogTable, describeTables } from "./postgres/catalog.ts";
import { type Copied, type CopyRequest, startCopy } from "./postgres/copy.ts";
import { type CursorStart, cursorKind, cursorStart } from "./postgres/cursor.ts";
import { deadKeyCondition, deadKeyLimit, keysOf, tombstones } from "./postgres/deletes.ts";
import { bare, reconcileColumns } from "./postgres/schema-change.ts";
import { type ColumnReader, columnReaders } from "./postgres/types.ts";
import type { BronzeState, Extract, ExtractWrite, Source, SourceContext, SourceTable } from "./source.ts";

type TableOptions = PostgresSourceConfig["tables"][string];

const deletedColumn: Column = { name: "_deleted", type: "Bool" };

/** One table as configuration and catalog together describe it. */
interface ResolvedTable {
  readonly name: string;
  readonly where: string;
  readonly options: TableOptions;
  readonly key: readonly string[];
  readonly columns: readonly ColumnReader[];
}

/** `name` is the source's name in the project, for messages. */
export function postgresSource(name: string, config: PostgresSourceConfig): Source {
  const access = {
    url: config.url.reveal(),
    tls: config.tls,
    retries: config.retries,
    role: "source" as const,
  };
  const place = postgresPlace(access.url);
  const open = new Set<pg.Client>();

  async function inSnapshot(signal: AbortSignal): Promise<pg.Client> {
    const client = await connectPostgres(access, signal);
    open.add(client);
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    return client;
  }

  async function release(client: pg.Client): Promise<void> {
    open.delete(client);
    await client.end().catch(() => {});
  }

  async function describe(client: pg.Client, wanted: readonly string[]): Promise<ResolvedTable[]> {
    const tables = await describeTables(client, config.schema, wanted).catch((error: unknown) => {
      throw postgresError(error, "source", place);
    });
    return tables.map((table) => resolve(name, table, config));
  }

  return {
    kind: "postgres",
    schemaPolicy: config.schemaPolicy,
    async tables(context) {
      const client = await inSnapshot(context.signal);
      try {
        return (await describe(client, Object.keys(config.tables))).map(toSourceTable);
      } finally {
        await release(client);
      }
    },
    async *read(table, state, context) {
      const client = await inSnapshot(context.signal);
      try {
        const [resolved] = await describe(client, [table.name]);
        if (resolved !== undefined) yield* extracts(client, config, resolved, { state, context });
      } finally {
        await release(client);
      }
    },
    async close() {
      await Promise.all([...open].map(release));
    },
  };
}

function resolve(source: string, table: CatalogTable, config: PostgresSourceConfig): ResolvedTable {
  const where = `${source}: ${table.schema}.${table.name}`;
  const options = config.tables[table.name] ?? config.tables["*"];
  if (options === undefined)
    throw new ShoplakeError("internal", "A table that was not asked for.", { where });
  const names = table.columns.map((column) => column.name);
  const key = options.key.length > 0 ? options.key : table.key;
  const asText = options.asText;
  const mentioned = { key, cursor: options.cursor === undefined ? [] : [options.cursor], asText };
  for (const [option, columns] of Object.entries({ ...mentioned, columns: options.columns ?? [] }))
    for (const column of columns)
      if (!names.includes(column)) throw noSuchColumn({ column, option, names, where });
  const wanted = options.columns === undefined ? names : [...options.columns, ...key, ...mentioned.cursor];
  const readers = columnReaders(table, key, asText).filter((column) => wanted.includes(column.name));
  const cursor = readers.find((column) => column.name === options.cursor);
  if (cursor !== undefined) cursorKind(cursor);
  if (options.detectDeletes && (key.length === 0 || cursor === undefined))
    throw new ShoplakeError("source", "detectDeletes needs a key and a cursor.", {
      where,
      hint:
        cursor === undefined
          ? "Without a cursor the table is copied whole each time, and deleted rows go by themselves: leave detectDeletes out."
          : "Name the columns that identify a row under key.",
    });
  return { name: table.name, where, options, key, columns: readers };
}

function toSourceTable({ name, key, options, columns }: ResolvedTable): SourceTable {
  return {
    name,
    key,
    ...(options.cursor !== undefined && { cursor: options.cursor }),
    columns: [
      ...columns.map((column) => ({ name: column.name, type: column.type })),
      ...(options.detectDeletes ? [deletedColumn] : []),
    ],
  };
}

function noSuchColumn(given: {
  readonly column: string;
  readonly option: string;
  readonly names: readonly string[];
  readonly where: string;
}): ShoplakeError {
  const close = nearest(given.column, given.names);
  return new ShoplakeError("source", `There is no column ${given.column}, which ${given.option} names.`, {
    where: given.where,
    allowed: given.names.join(", "),
    ...(close !== undefined && { hint: `Did you mean ${close}?` }),
  });
}

interface Reading {
  readonly state: BronzeState;
  readonly context: SourceContext;
}

async function* extracts(
  client: pg.Client,
  config: PostgresSourceConfig,
  table: ResolvedTable,
  { state, context }: Reading,
): AsyncGenerator<Extract> {
  const { copied, gone, warnings } = reconcileColumns(
    table.columns,
    state.columns,
    config.schemaPolicy,
    table.where,
  );
  for (const warning of warnings) context.warn(warning);
  const detectDeletes = table.options.detectDeletes;
  const constants = [
    ...gone.map((column) => ({ ...column, value: `CAST(NULL AS ${column.type})` })),
    ...(detectDeletes ? [{ ...deletedColumn, value: "false" }] : []),
  ];
  const request = (columns: readonly ColumnReader[], conditions: readonly string[]): CopyRequest => ({
    client,
    where: table.where,
    schema: config.schema,
    table: table.name,
    columns,
    conditions: [...(table.options.where === undefined ? [] : [`(${table.options.where})`]), ...conditions],
  });
  const start = await startOf(table, { state, context });
  if (start.write.mode !== "overwrite") yield* widening(table, copied, state, context);
  const rows = await startCopy(request(copied, start.conditions), context);
  yield {
    ...extractOf(rows, `${config.schema}.${table.name}`),
    ...(rows.rows !== undefined && { rows: rows.rows }),
    from: withConstants(rows.from, copied, constants),
    columns: [...copied, ...constants].map(({ name, type }) => ({ name, type })),
    write: start.write,
  };
  if (!detectDeletes || state.from === undefined || !hasColumn(state, "_deleted")) return;
  const key = copied.filter(({ name }) => table.key.includes(name));
  const keys = await startCopy(request(key, []), context);
  const pushKeys = keys.pump;
  const columns = [...copied, ...gone].filter(({ name }) => hasColumn(state, name));
  yield {
    ...extractOf(keys, `${config.schema}.${table.name} (deleted rows)`),
    from: tombstones(state.from, keys.from, key, columns),
    columns: [...columns.map(({ name, type }) => ({ name, type })), deletedColumn],
    write: { mode: "append" },
    ...(pushKeys !== undefined && { pump: (signal) => pushKeys(signal).then(() => undefined) }),
  };
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
    .filter(({ name }) => !name.startsWith("_") || name === deletedColumn.name)
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

/** Which rows to copy and how they enter bronze. */
async function startOf(
  table: ResolvedTable,
  { state, context }: Reading,
): Promise<{ conditions: readonly string[]; write: ExtractWrite }> {
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

function plainStart(start: CursorStart | undefined): {
  conditions: readonly string[];
  write: ExtractWrite;
} {
  return {
    conditions: start === undefined ? [] : [start.postgres],
    write: { mode: "append_new", where: start?.clickhouse ?? "true" },
  };
}

function hasColumn(state: BronzeState, name: string): boolean {
  return state.columns?.some((column) => column.name === name) === true;
}
