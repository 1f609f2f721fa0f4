/** The kinds of sources there are, loaded when they are asked for. */
import type { AdapterConfig } from "../project/project.ts";
import { ShoplakeError } from "../util/errors.ts";
import type { SourceDefinition } from "./define.ts";
import type { SourceKind } from "./kind.ts";
import * as registry from "./registry.ts";
import type { Source } from "./source.ts";

const definitions: readonly Pick<SourceDefinition<object>, "kind" | "load">[] = Object.values(registry);

/** All kinds by name. */
export async function sourceKinds(): Promise<ReadonlyMap<string, SourceKind>> {
  const modules = await Promise.all(definitions.map(({ load }) => load()));
  return new Map(modules.map(({ kind }) => [kind.kind, kind]));
}

/**
 * Opens the source `name` of a project; connects to nothing yet. Throws `config` for a kind that does not exist, and for options that
 * the kind cannot do.
 */
export function openSource(
  kinds: ReadonlyMap<string, SourceKind>,
  name: string,
  { kind, config }: AdapterConfig,
): Source {
  const known = kinds.get(kind);
  if (known !== undefined) return known.open(name, config);
  throw new ShoplakeError("config", `There is no source of kind ${kind}.`, {
    where: `sources.${name}`,
    allowed: [...kinds.keys()].join(", "),
  });
}
