/** The kinds of sinks there are, loaded when they are asked for. */
import type { AdapterConfig } from "../project/project.ts";
import { ShoplakeError } from "../util/errors.ts";
import type { SinkDefinition } from "./define.ts";
import type { SinkKind } from "./kind.ts";
import * as registry from "./registry.ts";
import type { Sink } from "./sink.ts";

const definitions: readonly Pick<SinkDefinition<object>, "kind" | "load">[] = Object.values(registry);

/** All kinds by name. */
export async function sinkKinds(): Promise<ReadonlyMap<string, SinkKind>> {
  const modules = await Promise.all(definitions.map(({ load }) => load()));
  return new Map(modules.map(({ kind }) => [kind.kind, kind]));
}

/**
 * Opens the sink `name` of a project; connects to nothing yet. Throws `config` for a kind that does not exist, and for options that
 * the kind cannot do.
 */
export function openSink(
  kinds: ReadonlyMap<string, SinkKind>,
  name: string,
  { kind, config }: AdapterConfig,
): Sink {
  const known = kinds.get(kind);
  if (known !== undefined) return known.open(name, config);
  throw new ShoplakeError("config", `There is no sink of kind ${kind}.`, {
    where: `sinks.${name}`,
    allowed: [...kinds.keys()].join(", "),
  });
}
