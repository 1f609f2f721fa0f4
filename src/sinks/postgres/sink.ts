/**
 * PostgreSQL tables as a sink: one table per dataset, made equal to a dataset version in one transaction by COPY.
 * The version is recorded in the same transaction, so that repeating it changes nothing.
 */
import { ShoplakeError } from "../../util/errors.ts";
import { postgresError, postgresPlace } from "../../util/postgres.ts";
import { postgresConnector } from "../../util/postgres-connector.ts";
import type { Sink, SinkContext, SinkInput, SinkResult } from "../sink.ts";
import { wantedConstraints } from "./constraints.ts";
import { contentOf, nulError, originOf } from "./content.ts";
import { deliver } from "./deliver.ts";
import { type PostgresSinkConfig, tableOf } from "./options.ts";
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
  const { tls, retries, schema } = config;
  const url = config.url.reveal();
  const server = postgresPlace(url);
  const connector = postgresConnector({ url, tls, retries, role: "sink" });
  const tableFor = (dataset: string) => tableOf(config, dataset);

  async function write(input: SinkInput, context: SinkContext): Promise<SinkResult> {
    const place = { schema, table: tableFor(input.dataset) };
    const columns = targetColumns(input.columns, input.dataset);
    const client = await connector.connect(context.signal);
    try {
      const target = [server, schema, place.table].join("\0");
      const content = once(() => contentOf({ input, columns, target, smallRows }, context));
      const wanted = wantedConstraints(input, place, tableFor);
      const origin = originOf(input, columns);
      return await deliver(client, { place, input, columns, origin, content, wanted, context });
    } catch (error) {
      if (context.signal.aborted) throw context.signal.reason;
      const nul = isInvalidText(error) ? await nulError(input, columns, context) : undefined;
      if (nul !== undefined) throw nul;
      throw writeError(error, `${name}: ${input.dataset} to ${schema}.${place.table}`);
    } finally {
      await connector.release(client);
    }
  }

  return {
    kind: "postgres",
    async probe({ signal }) {
      const { notes, ...rest } = await connector.probe(signal);
      return { notes: ["connected", ...notes], ...rest };
    },
    write,
    close: () => connector.close(),
  };
}

/** With what to do about a value that does not fit into its column. */
function writeError(error: unknown, where: string): ShoplakeError {
  const told = postgresError(error, "sink", where);
  const isValue = error instanceof Error && "code" in error && /^22/.test(String(error.code));
  if (!isValue || told.details.hint !== undefined) return told;
  const hint =
    "A value does not fit the type of its column. Shoplake changes the types of tables that it made only: alter the column, or name another table under tables in the sink.";
  return new ShoplakeError(told.code, told.message, { ...told.details, hint });
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
