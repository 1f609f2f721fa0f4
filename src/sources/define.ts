/** How a kind of source is made known to config files and to the platform. Light: a config file loads this at every start. */
import type { SourceSpec } from "../project/define.ts";
import type { SourceKind } from "./kind.ts";

/** The function that a config file calls, with the way to the rest of its kind. */
export interface SourceDefinition<Options extends object> {
  /** What a config file calls: returns the options under the kind's name and opens nothing. */
  (options: Options): SourceSpec<Options>;
  /** Name of the kind, of its folder and of this function. */
  readonly kind: string;
  /** Loads the code of the kind. */
  readonly load: () => Promise<{ readonly kind: SourceKind }>;
}

/** The function `kind` of a config file: inert, it only says what was given. */
export function defineSource<Options extends object>(
  kind: string,
  load: SourceDefinition<Options>["load"],
): SourceDefinition<Options> {
  return Object.assign((options: Options): SourceSpec<Options> => ({ kind, options }), { kind, load });
}
