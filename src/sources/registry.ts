/** Kinds of sources: one line each. */
import type { PostgresSourceConfig } from "../project/config-schema.ts";
import type { AdapterConfig } from "../project/project.ts";
import { ShoplakeError } from "../util/errors.ts";
import { type FilesSourceConfig, type FilesTablesConfig, filesSource } from "./files/source.ts";
import { postgresSource } from "./postgres/source.ts";
import type { Source } from "./source.ts";

type SourceFactory = (name: string, config: AdapterConfig["config"]) => Source;

/** The configuration was validated by the schema of the same kind in project/config-schema.ts. */
export const sourceFactories: Readonly<Record<string, SourceFactory>> = {
  files: (name, config) => filesSource(name, config as unknown as FilesSourceConfig | FilesTablesConfig),
  postgres: (name, config) => postgresSource(name, config as unknown as PostgresSourceConfig),
};

/** Opens the source `name` of a project. */
export function openSource(name: string, { kind, config }: AdapterConfig): Source {
  const factory = sourceFactories[kind];
  if (factory === undefined)
    throw new ShoplakeError("config", `There is no source of kind ${kind}.`, {
      where: `sources.${name}`,
      allowed: Object.keys(sourceFactories).join(", "),
    });
  return factory(name, config);
}
