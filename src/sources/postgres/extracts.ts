/** What one read of a table yields: rows to widen, new rows, tombstones of deleted ones. */
import type pg from "pg";
import type { Column } from "../../engine/engine.ts";
import { ident, idents } from "../../engine/sql.ts";
import { isPlatformColumn } from "../reserved-names.ts";
import { type AgreedColumns, bare, refuseChangesUnderModels } from "../schema-policy.ts";
import type { BronzeState, Extract, SourceContext } from "../source.ts";
import { compareKeys } from "./compare-keys.ts";
import { askFor, type Copied, type CopyRequest, startCopy } from "./copy/copy.ts";
import { lastCopy } from "./copy/last-copy.ts";
import type { PostgresSourceConfig } from "./options.ts";
import { refuseHiddenRows } from "./row-security.ts";
import { hasColumn, type Reading, startOf, warnOfPassed, withUnseen } from "./start.ts";
import { tombstones } from "./tables/deletes.ts";
import { changesForReaders, reconcileColumns, warningsOf } from "./tables/schema-change.ts";
import { deletedColumn, type ResolvedTable } from "./tables/table.ts";
import type { ColumnReader } from "./tables/types.ts";

/** Another number when what a remembered start means changes: older ones are then forgotten. */
const rulesOfStart = 2;

/** In the transaction that `client` has open; the next extract is made when the one before was read. */
export async function* extracts(
  client: pg.Client,
  config: PostgresSourceConfig,
  table: ResolvedTable,
  reading: Reading,
): AsyncGenerator<Extract> {
  const { context } = reading;
  const state = reading.state.reload === true ? nothingHeld(reading.state) : reading.state;
  await refuseHiddenRows(client, table, context);
  const agreed = await columnsToCopy(config, table, state);
  for (const warning of warningsOf(agreed, config.schemaPolicy, table.where)) context.warn(warning);
  const { taken: copied, gone } = agreed;
  const detectDeletes = table.options.detectDeletes;
  const constants = [
    ...gone.map((column) => ({ ...column, value: `CAST(NULL AS ${column.type})` })),
    ...(detectDeletes ? [{ ...deletedColumn, value: "false" }] : []),
  ];
  const request = (columns: readonly ColumnReader[], condition: string | undefined): CopyRequest => ({
    client,
    where: table.where,
    schema: config.schema,
    table: table.from,
    columns,
    conditions: [table.options.where, condition].flatMap((one) => (one === undefined ? [] : [`(${one})`])),
  });
  const memory = lastCopy(context, table.where, [rulesOfStart, state.from, copied, constants, table.options]);
  const last = state.reload === true ? undefined : await memory.recall();
  const start = last?.start ?? (await startOf(table, { state, context }));
  if (start.passed !== undefined) await warnOfPassed(client, table, { start, config, context });
  if (state.from !== undefined && start.write.mode !== "overwrite")
    yield* widening(table, copied, state, context);
  const key = copied.filter(({ name }) => table.key.includes(name));
  const compared =
    detectDeletes && state.from !== undefined && hasColumn(state, deletedColumn.name)
      ? await compareKeys(
          { asked: request(key, undefined), bronze: state.from, readAnyway: start.condition },
          context,
        )
      : undefined;
  try {
    const { condition, write } = withUnseen(start, table, { state, key, unseen: compared?.unseen ?? [] });
    const asked = request(copied, condition);
    const copy = await askFor(asked, context);
    if (copy.digest === undefined || copy.digest !== last?.digest) {
      const rows = await startCopy(copy, asked, context);
      yield {
        ...extractOf(rows, `${config.schema}.${table.from}`),
        ...(rows.rows !== undefined && { rows: rows.rows }),
        from: withConstants(rows.from, copied, constants),
        columns: [...copied, ...constants].map(({ name, type }) => ({ name, type })),
        write,
        ...(state.reload !== true && { nothingNew: () => memory.keep({ start, digest: copy.digest }) }),
      };
    }
    if (compared?.gone === undefined || state.from === undefined) return;
    const held = [...copied, ...gone].filter(({ name }) => hasColumn(state, name));
    yield tombstonesOf(table, { bronze: state.from, gone: compared.gone, key }, held);
  } finally {
    await compared?.dispose();
  }
}

/** The last known rows of keys that are gone, marked as deleted. */
function tombstonesOf(
  table: ResolvedTable,
  { bronze, gone, key }: { readonly bronze: string; readonly gone: string; readonly key: readonly Column[] },
  columns: readonly Column[],
): Extract {
  return {
    label: `${table.schema}.${table.from} (deleted rows)`,
    from: tombstones(bronze, gone, key, columns),
    columns: [...columns.map(({ name, type }) => ({ name, type })), deletedColumn],
    write: { mode: "append" },
    positions: {},
    rejected: [],
    dispose: async () => {},
  };
}

/** As if bronze were still to come: its rows stay until those of the source take their place. */
function nothingHeld(state: BronzeState): BronzeState {
  return { ...state, positions: new Map(), columns: undefined, from: undefined };
}

/** Throws `source` when the policy forbids the change, or models read what it would spoil. */
async function columnsToCopy(
  { schemaPolicy }: PostgresSourceConfig,
  table: ResolvedTable,
  { columns: bronze, modelsThatRead }: BronzeState,
): Promise<AgreedColumns<ColumnReader>> {
  const { columns, options, where } = table;
  const agreed = reconcileColumns(columns, bronze, schemaPolicy, table);
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
