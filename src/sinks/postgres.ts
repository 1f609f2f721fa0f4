/**
 * PostgreSQL tables as a sink: one table per dataset, made equal to a dataset version in one transaction by COPY.
 * The version is recorded in the same transaction, so that repeating it changes nothing.
 */
import type pg from "pg";
import type { PostgresSinkConfig } from "../project/config-schema.ts";
import { connectPostgres, pgIdent, postgresError } from "../util/postgres.ts";
import { contentOf } from "./postgres/content.ts";
import { openLedger, recordVersion } from "./postgres/ledger.ts";
import { writeRows } from "./postgres/rows.ts";
import { prepareTable, type TargetTable } from "./postgres/table.ts";
import { targetColumns } from "./postgres/types.ts";
import type { Sink, SinkContext, SinkInput, SinkResult } from "./sink.ts";

const nothing: SinkResult = { inserted: 0, updated: 0, deleted: 0, unchanged: true };

/** `name` is the sink's name in the project, for messages. */
export function postgresSink(name: string, config: PostgresSinkConfig): Sink {
  const access = {
    url: config.url.reveal(),
    tls: config.tls,
    retries: config.retries,
    role: "sink" as const,
  };
  const open = new Set<pg.Client>();

  async function write(input: SinkInput, context: SinkContext): Promise<SinkResult> {
    const table = config.tables[input.dataset] ?? input.dataset.slice(input.dataset.indexOf(".") + 1);
    const client = await connectPostgres(access, context.signal);
    open.add(client);
    try {
      await client.query("BEGIN");
      const result = await writeVersion(client, { schema: config.schema, table }, { input, context });
      await client.query("COMMIT");
      return result;
    } catch (error) {
      if (context.signal.aborted) throw context.signal.reason;
      throw postgresError(error, "sink", `${name}: ${input.dataset} to ${config.schema}.${table}`);
    } finally {
      open.delete(client);
      await client.end().catch(() => {});
    }
  }

  return {
    kind: "postgres",
    write,
    async close() {
      await Promise.all([...open].map((client) => client.end().catch(() => {})));
    },
  };
}

async function writeVersion(
  client: pg.Client,
  place: { readonly schema: string; readonly table: string },
  { input, context }: { readonly input: SinkInput; readonly context: SinkContext },
): Promise<SinkResult> {
  const columns = targetColumns(input.columns, input.dataset);
  const content = await contentOf(input, columns, context);
  const known = await openLedger(client, place.schema, place.table);
  const entry = { dataset: input.dataset, version: input.version, ...content };
  if (known?.fingerprint === content.fingerprint && (await exists(client, place))) {
    if (known.version !== input.version)
      await recordVersion(client, place, { ...entry, created: known.created });
    return nothing;
  }
  const target = await prepareTable(client, place, { input, columns }, known);
  await emptyOthers(client, target, context);
  const changes = await writeRows({ client, target, input, rows: content.rows, context });
  await recordVersion(client, place, { ...entry, created: target.created });
  return { ...changes, unchanged: false };
}

async function exists(
  client: pg.Client,
  place: { readonly schema: string; readonly table: string },
): Promise<boolean> {
  const name = `${pgIdent(place.schema)}.${pgIdent(place.table)}`;
  const { rows } = await client.query<{ there: boolean }>("SELECT to_regclass($1) IS NOT NULL AS there", [
    name,
  ]);
  return rows[0]?.there === true;
}

/** Columns that a dataset lost stay in a table of ours, with NULL: views on them keep working, and no old value looks like a new one. */
async function emptyOthers(client: pg.Client, target: TargetTable, context: SinkContext): Promise<void> {
  if (!target.created || target.others.length === 0 || target.empty) return;
  const names = target.others.map(pgIdent);
  context.warn(
    `${target.name}: columns that the dataset does not have any more are NULL: ${target.others.join(", ")}`,
  );
  await client.query(
    `UPDATE ${target.name} SET ${names.map((name) => `${name} = NULL`).join(", ")} WHERE ${names.map((name) => `${name} IS NOT NULL`).join(" OR ")}`,
  );
}
