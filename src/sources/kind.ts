/** What a kind of source is: all that the platform asks before one is open. One folder holds it, registry.ts names it. */
import type { z } from "zod";
import type { SourceTables } from "../project/kinds.ts";
import type { AdapterConfig, ConfiguredTable } from "../project/project.ts";
import type { Source } from "./source.ts";

/** A kind as its folder describes it; `Config`: its complete options. */
export interface SourceKindSpec<Config extends AdapterConfig["config"]> {
  /** Name of the kind, of its folder and of the function that a config file calls. */
  readonly kind: string;
  /** What the options may hold, strict, with all defaults. */
  readonly options: z.ZodType<Config>;
  /** The tables that the options name, in their order; one named "*" means all others of the source. */
  tables(config: Config): readonly ConfiguredTable[];
  /** What it is in a few words, never how to get in: "csv files inbox/*.csv". */
  describe(config: Config): string;
  /** Connects to nothing. `name`: of the source in the project. Throws `config` for options that cannot be done. */
  open(name: string, config: Config): Source;
}

/** A kind whose type of options is closed over, as the registry holds them. Takes configurations of this kind only. */
export interface SourceKind extends SourceTables {
  /** See `SourceKindSpec`. */
  describe(config: AdapterConfig["config"]): string;
  /** See `SourceKindSpec`. */
  open(name: string, config: AdapterConfig["config"]): Source;
}

/** Closes over the type of the options. */
export function sourceKind<Config extends AdapterConfig["config"]>(spec: SourceKindSpec<Config>): SourceKind {
  // A configuration of this kind was made by its `options`.
  const own = (config: AdapterConfig["config"]) => config as Config;
  return {
    kind: spec.kind,
    options: spec.options,
    tables: (config) => spec.tables(own(config)),
    describe: (config) => spec.describe(own(config)),
    open: (name, config) => spec.open(name, own(config)),
  };
}
