/**
 * PostgreSQL tables as a sink: one table per dataset, made equal to a dataset version in one transaction by COPY.
 * The version is recorded in the same transaction, so that repeating it changes nothing.
 */
import type pg from "pg";
import type { PostgresSinkConfig } from "../../project/config-schema.ts";
import { connectPostgres, postgresError, postgresPlace } from "../../util/postgres.ts";
import type { Sink, SinkContext, SinkInput, SinkResult } from "../sink.ts";
import { wantedConstraints } from "./constraints.ts";
import { contentOf, nulError, originOf } from "./content.ts";
import { deliver } from "./deliver.ts";
import { targetColumns } from "./types.ts";

/**
 * `name` is the sink's name in the project, for messages. Of datasets with at least `smallRows` rows, the engine finds what a
 * version changes; with fewer, PostgreSQL compares all rows.
 */
export function postgresSink(
  name: string,
  config: PostgresSinkConfig,
  { smallRows = 10_000 }: { readonly smallRows?: number } = {},
): Sink {
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
    const columns = targetColumns(input.columns, input.dataset);
    const client = await connectPostgres(access, context.signal);
    open.add(client);
    try {
      const target = [postgresPlace(access.url), config.schema, place.table].join("\0");
      const content = once(() => contentOf({ input, columns, target, smallRows }, context));
      const wanted = wantedConstraints(input, place, tableOf);
      const origin = originOf(input, columns);
      return await deliver(client, { place, input, columns, origin, content, wanted, context });
    } catch (error) {
      if (context.signal.aborted) throw context.signal.reason;
      const nul = isInvalidText(error) ? await nulError(input, columns, context) : undefined;
      if (nul !== undefined) throw nul;
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

function once<T>(start: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => {
    result ??= start();
    return result;
  };
}

/** character_not_in_repertoire; https://www.postgresql.org/docs/current/errcodes-appendix.html */
function isInvalidText(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "22021";
}
