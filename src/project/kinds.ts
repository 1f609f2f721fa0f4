/** What reading a project needs to know of the kinds of its parts. The kinds themselves live with their code. */
import type { z } from "zod";
import type { Dimension } from "../api/dimensions.ts";
import type { AdapterConfig, ConfiguredTable } from "./project.ts";

/** A kind of source or sink as a config file names it. */
export interface AdapterKind {
  /** Name of the kind, of its folder and of the function that a config file calls. */
  readonly kind: string;
  /** What the options may hold, strict, with all defaults. */
  readonly options: z.ZodType<AdapterConfig["config"]>;
}

/** A kind of source. */
export interface SourceTables extends AdapterKind {
  /** The tables that complete options name, in their order; one named "*" means all others of the source. */
  tables(config: AdapterConfig["config"]): readonly ConfiguredTable[];
}

/** A kind of sink. */
export interface SinkPlace extends AdapterKind {
  /** Selector of the datasets that it takes. */
  select(config: AdapterConfig["config"]): string;
  /** Where it writes, without secrets: equal for two sinks that would write to the same files or tables. */
  place(config: AdapterConfig["config"]): string;
}

/** All kinds by name. */
export interface Kinds {
  /** Kinds of sources. */
  readonly sources: ReadonlyMap<string, SourceTables>;
  /** Kinds of sinks. */
  readonly sinks: ReadonlyMap<string, SinkPlace>;
  /** Types of checks, with what each measures. */
  readonly checks: ReadonlyMap<string, { readonly dimension: Dimension }>;
}
