/**
 * PostgreSQL tables as a source. Every read is one REPEATABLE READ transaction: catalog, rows and keys of one moment.
 * Tables with a cursor are copied from a safety window behind bronze's greatest cursor value; others are copied whole.
 */
import type pg from "pg";
import { postgresError, postgresPlace } from "../../util/postgres.ts";
import { postgresConnector } from "../../util/postgres-connector.ts";
import type { Source } from "../source.ts";
import { extracts } from "./extracts.ts";
import type { PostgresSourceConfig } from "./options.ts";
import { describeTables } from "./tables/catalog.ts";
import { type ResolvedTable, resolveTable, sourceTable } from "./tables/table.ts";

/** `name` is the source's name in the project, for messages. */
export function postgresSource(name: string, config: PostgresSourceConfig): Source {
  const { tls, retries } = config;
  const url = config.url.reveal();
  const place = postgresPlace(url);
  const connector = postgresConnector({ url, tls, retries, role: "source" });

  async function inSnapshot(signal: AbortSignal): Promise<pg.Client> {
    const client = await connector.connect(signal);
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    return client;
  }

  async function describe(client: pg.Client, wanted: readonly string[]): Promise<ResolvedTable[]> {
    const tables = await describeTables(client, config.schema, wanted).catch((error: unknown) => {
      throw postgresError(error, "source", place);
    });
    return tables.map((table) => resolveTable(name, table, config));
  }

  return {
    kind: "postgres",
    schemaPolicy: config.schemaPolicy,
    async tables(context) {
      const client = await inSnapshot(context.signal);
      try {
        return (await describe(client, Object.keys(config.tables))).map(sourceTable);
      } finally {
        await connector.release(client);
      }
    },
    async *read(table, state, context) {
      const client = await inSnapshot(context.signal);
      try {
        const [resolved] = await describe(client, [table.name]);
        if (resolved !== undefined) yield* extracts(client, config, resolved, { state, context });
      } finally {
        await connector.release(client);
      }
    },
    probe: ({ signal }) => connector.probe(signal),
    close: () => connector.close(),
  };
}
