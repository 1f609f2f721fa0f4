/** Kinds of sinks: one line each. */
import type { PostgresSinkConfig } from "../project/config-schema.ts";
import type { AdapterConfig } from "../project/project.ts";
import { ShoplakeError } from "../util/errors.ts";
import { type FilesSinkConfig, filesSink } from "./files/sink.ts";
import { postgresSink } from "./postgres/sink.ts";
import type { Sink } from "./sink.ts";

type SinkFactory = (name: string, config: AdapterConfig["config"]) => Sink;

/** The configuration was validated by the schema of the same kind in project/config-schema.ts. */
export const sinkFactories: Readonly<Record<string, SinkFactory>> = {
  files: (name, config) => filesSink(name, config as unknown as FilesSinkConfig),
  postgres: (name, config) => postgresSink(name, config as unknown as PostgresSinkConfig),
};

/** Opens the sink `name` of a project. */
export function openSink(name: string, { kind, config }: AdapterConfig): Sink {
  const factory = sinkFactories[kind];
  if (factory === undefined)
    throw new ShoplakeError("config", `There is no sink of kind ${kind}.`, {
      where: `sinks.${name}`,
      allowed: Object.keys(sinkFactories).join(", "),
    });
  return factory(name, config);
}
