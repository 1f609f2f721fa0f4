/**
 * Files of folders or of an S3 bucket as tables: each content once, in any order of arrival. The folders beside this file work in
 * this order: list/ what is there, choose/ what is new, unpack/ it for the engine, check/ every record.
 */
import { ShoplakeError } from "../../util/errors.ts";
import { unreachable } from "../../util/reached.ts";
import type { Source, SourceTable } from "../source.ts";
import { type FilesSourceConfig, tableConfigs } from "./options.ts";
import { refuseUnsupported } from "./unsupported.ts";

/** What the source takes from outside. */
export interface FilesEffects {
  /** Default: the system's clock. Only decides whether the hash of a file that was just written may be remembered. */
  readonly now: () => Date;
}

/** A source of files. Throws `config` when the engine's reader cannot do what the options ask for. */
export function filesSource(
  name: string,
  config: FilesSourceConfig,
  { now }: FilesEffects = systemEffects,
): Source {
  const configs = tableConfigs(config);
  for (const each of configs.values()) refuseUnsupported(name, each);
  // Loaded at the first use: packings and encodings are a lot of code.
  const reading = () => import("./read.ts");
  return {
    kind: "files",
    schemaPolicy: config.schemaPolicy,
    async probe(context) {
      const { reach } = await import("./list/list.ts");
      for (const each of configs.values())
        await reach(each, context).catch((error: unknown) => {
          context.signal.throwIfAborted();
          throw unreachable(error, "source");
        });
      return { notes: [] };
    },
    async tables(context) {
      const { describeTable } = await reading();
      const found: SourceTable[] = [];
      for (const each of configs.values()) found.push(await describeTable(each, context));
      return found;
    },
    async *read({ name: table }, state, context) {
      const own = configs.get(table);
      if (own === undefined)
        throw new ShoplakeError("internal", `The source ${name} has no table ${table}.`, { where: name });
      const cacheName = "tables" in config ? `files-${name}_${table}` : `files-${name}`;
      const { readFiles } = await reading();
      yield* readFiles({ cacheName, config: own, now }, state, context);
    },
    close: async () => {},
  };
}

const systemEffects: FilesEffects = { now: () => new Date() };
