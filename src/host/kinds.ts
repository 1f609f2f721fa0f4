/** All kinds of sources, sinks and checks there are. */
import type { Kinds } from "../project/kinds.ts";
import { checkRegistry } from "../quality/check-registry.ts";
import type { SinkKind } from "../sinks/kind.ts";
import { sinkKinds } from "../sinks/kinds.ts";
import type { SourceKind } from "../sources/kind.ts";
import { sourceKinds } from "../sources/kinds.ts";

/** The kinds with what opens and describes them. */
export interface LoadedKinds extends Kinds {
  /** Kinds of sources by name. */
  readonly sources: ReadonlyMap<string, SourceKind>;
  /** Kinds of sinks by name. */
  readonly sinks: ReadonlyMap<string, SinkKind>;
}

/** Loads what describes the kinds; what does their work is loaded when it is used. */
export async function loadKinds(): Promise<LoadedKinds> {
  const [sources, sinks] = await Promise.all([sourceKinds(), sinkKinds()]);
  return { sources, sinks, checks: checkRegistry };
}
