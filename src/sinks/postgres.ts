/**
 * PostgreSQL tables as a sink: one table per dataset, made equal to a dataset version in one transaction by COPY.
 * The version is recorded in the same transaction, so that repeating it changes nothing.
 */
import type pg from "pg";
import type { PostgresSinkConfig } from "../project/config-schema.ts";
import { connectPostgres, postgresError } from "../util/postgres.ts";
import { wantedConstraints } from "./postgres/constraints.ts";
import { contentOf } from "./postgres/content.ts";
import { deliver } from "./postgres/deliver.ts";
import { targetColumns } from "./postgres/types.ts";
import type { Sink, SinkContext, SinkInput, SinkResult } from "./sink.ts";

/** `name` is the sink's name in the project, for messages. */
export function postgresSink(name: string, config: PostgresSinkConfig): Sink {
  const access = {
    url: config.url.reveal(),
    tls: config.tls,
    retries: config.retries,
    role: "sink" as const,
  };
  const open = new Set<pg.Client>();
  const tableOf = (dataset: string) => config.tables[dataset] ?? dataset.slice(dataset.indexOf(".") + 1);

  async function write(input: SinkInput, context: SinkContext): Promise<SinkResult> {
    const place = { schema: config.schema, table: tableOf(input.dataset) };
    const client = await connectPostgres(access, context.signal);
    open.add(client);
    try {
      const columns = targetColumns(input.columns, input.dataset);
      const content = await contentOf(input, columns, context);
      const wanted = wantedConstraints(input, place, tableOf);
      return await deliver(client, { place, input, columns, content, wanted, context });
    } catch (error) {
      if (context.signal.aborted) throw context.signal.reason;
      throw postgresError(error, "sink", `${name}: ${input.dataset} to ${config.schema}.${place.table}`);
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
