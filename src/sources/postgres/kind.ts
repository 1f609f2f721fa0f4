/** The kind `postgres` of sources. */
import { sourceKind } from "../kind.ts";
import { options, type PostgresSourceConfig } from "./options.ts";
import { postgresSource } from "./source.ts";

/** PostgreSQL tables, read by COPY. */
export const kind = sourceKind<PostgresSourceConfig>({
  kind: "postgres",
  options,
  tables: ({ tables }) => Object.entries(tables).map(([name, { key, cursor }]) => ({ name, key, cursor })),
  describe: ({ schema }) => `PostgreSQL, schema ${schema}`,
  open: postgresSource,
});
