/** What a kind of sink is: all that the platform asks before one is open. One folder holds it, registry.ts names it. */
import type { z } from "zod";
import type { SinkPlace } from "../project/kinds.ts";
import type { AdapterConfig } from "../project/project.ts";
import type { Sink } from "./sink.ts";

/** A kind as its folder describes it; `Config`: its complete options. */
export interface SinkKindSpec<Config extends AdapterConfig["config"] & { readonly select: string }> {
  /** Name of the kind, of its folder and of the function that a config file calls. */
  readonly kind: string;
  /** What the options may hold, strict, with all defaults. `select` is one of them: the selector of its datasets. */
  readonly options: z.ZodType<Config>;
  /** Where it writes, without secrets: equal for two sinks that would write to the same files or tables. */
  place(config: Config): string;
  /** What it is in a few words, never how to get in: "csv files in reports". */
  describe(config: Config): string;
  /** What a dataset is called there: "gold.daily_sales", "gold.daily_sales.csv". */
  target(config: Config, dataset: string): string;
  /** Connects to nothing. `name`: of the sink in the project. Throws `config` for options that cannot be done. */
  open(name: string, config: Config): Sink;
}

/** A kind whose type of options is closed over, as the registry holds them. Takes configurations of this kind only. */
export interface SinkKind extends SinkPlace {
  /** See `SinkKindSpec`. */
  describe(config: AdapterConfig["config"]): string;
  /** See `SinkKindSpec`. */
  target(config: AdapterConfig["config"], dataset: string): string;
  /** See `SinkKindSpec`. */
  open(name: string, config: AdapterConfig["config"]): Sink;
}

/** Closes over the type of the options. */
export function sinkKind<Config extends AdapterConfig["config"] & { readonly select: string }>(
  spec: SinkKindSpec<Config>,
): SinkKind {
  // A configuration of this kind was made by its `options`.
  const own = (config: AdapterConfig["config"]) => config as Config;
  return {
    kind: spec.kind,
    options: spec.options,
    select: (config) => own(config).select,
    place: (config) => spec.place(own(config)),
    describe: (config) => spec.describe(own(config)),
    target: (config, dataset) => spec.target(own(config), dataset),
    open: (name, config) => spec.open(name, own(config)),
  };
}
