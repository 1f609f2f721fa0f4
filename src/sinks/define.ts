/** How a kind of sink is made known to config files and to the platform. Light: a config file loads this at every start. */
import type { SinkSpec } from "../project/define.ts";
import type { SinkKind } from "./kind.ts";

/** The function that a config file calls, with the way to the rest of its kind. */
export interface SinkDefinition<Options extends object> {
  /** What a config file calls: returns the options under the kind's name and opens nothing. */
  (options: Options): SinkSpec<Options>;
  /** Name of the kind, of its folder and of this function. */
  readonly kind: string;
  /** Loads the code of the kind. */
  readonly load: () => Promise<{ readonly kind: SinkKind }>;
}

/** The function `kind` of a config file: inert, it only says what was given. */
export function defineSink<Options extends object>(
  kind: string,
  load: SinkDefinition<Options>["load"],
): SinkDefinition<Options> {
  return Object.assign((options: Options): SinkSpec<Options> => ({ kind, options }), { kind, load });
}
