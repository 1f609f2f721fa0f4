/**
 * PostgreSQL tables as a source. Every read is one REPEATABLE READ transaction: catalog, rows and keys of one moment.
 * Tables with a cursor are copied from a safety window behind bronze's greatest cursor value; others are copied whole.
 */
import type pg from "pg";
import { messageOf } from "../../util/errors.ts";
import { postgresError, postgresPlace } from "../../util/postgres.ts";
import { postgresConnector } from "../../util/postgres-connector.ts";
import type { Source, SourceContext, SourceTable } from "../source.ts";
import { extracts } from "./extracts.ts";
import type { PostgresSourceConfig } from "./options.ts";
import { describeTables } from "./tables/catalog.ts";
import { type Choice, chooseTables, leftOutWarning, nameAtSource, wantedTables } from "./tables/chosen.ts";
import { namedTable } from "./tables/named.ts";
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

  async function describe(client: pg.Client, wanted: readonly string[]): Promise<Choice> {
    const tables = await describeTables(client, config.schema, wanted).catch((error: unknown) => {
      throw postgresError(error, "source", place);
    });
    return chooseTables(tables, config);
  }

  return {
    kind: "postgres",
    schemaPolicy: config.schemaPolicy,
    async tables(context) {
      const client = await inSnapshot(context.signal);
      try {
        const { chosen, leftOut } = await describe(client, wantedTables(config));
        const warning = leftOutWarning(leftOut, `${name}: schema ${config.schema}`);
        if (warning !== undefined) context.warn(warning);
        return chosen.map((table) => described(resolveTable(name, table), context));
      } finally {
        await connector.release(client);
      }
    },
    async *read(table, state, context) {
      const client = await inSnapshot(context.signal);
      try {
        const { chosen } = await describe(client, [nameAtSource(config, table.name)]);
        const own = chosen.find((each) => each.name === table.name);
        if (own === undefined) return;
        const { table: named, properties } = namedTable(resolveTable(name, own), state);
        for await (const extract of extracts(client, config, named, { state, context }))
          yield { ...extract, properties };
      } finally {
        await connector.release(client);
      }
    },
    probe: ({ signal }) => connector.probe(signal),
    close: () => connector.close(),
  };
}

/** For planning, before bronze decides. A table whose names cannot be used fails by itself when it is read. */
function described(table: ResolvedTable, { warn }: SourceContext): SourceTable {
  try {
    return sourceTable(namedTable(table, { columns: undefined }).table);
  } catch (error) {
    warn(`${table.where}: ${messageOf(error)}`);
    return { name: table.name, key: [], columns: [] };
  }
}
