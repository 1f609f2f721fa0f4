/** The kind `postgres` of sinks. */
import { postgresServer } from "../../util/postgres-url.ts";
import { sinkKind } from "../kind.ts";
import { options, type PostgresSinkConfig, tableOf } from "./options.ts";
import { postgresSink } from "./sink.ts";

/** PostgreSQL tables, one for each dataset. */
export const kind = sinkKind<PostgresSinkConfig>({
  kind: "postgres",
  options,
  place: ({ url, schema }) => `${postgresServer(url.reveal())}, schema ${schema}`,
  describe: ({ schema }) => `PostgreSQL, schema ${schema}`,
  target: (config, dataset) => `${config.schema}.${tableOf(config, dataset)}`,
  open: (name, config) => postgresSink(name, config),
});
