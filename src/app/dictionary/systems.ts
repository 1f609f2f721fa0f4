/** Sources and sinks as the dictionary shows them: what they hold, never how to get in. */

import { bronzeName } from "../../api/datasets.ts";
import type { LoadedKinds } from "../../host/kinds.ts";
import type { Catalogue, GraphNode } from "../../pipeline/index.ts";
import type { Project, SourceConfig } from "../../project/project.ts";

/** Where rows come from. */
export interface SourceEntry {
  /** In the project. */
  readonly name: string;
  /** Name of its kind. */
  readonly kind: string;
  /** One line: "csv files inbox/*.csv", "PostgreSQL, schema public". */
  readonly what: string;
  /** Those that the configuration chooses, as far as they are known without asking the source. */
  readonly tables: readonly SourceTableEntry[];
}

/** What one table of a source is called there and here. */
export interface SourceTableEntry {
  /** At the source. */
  readonly table: string;
  /** The bronze dataset that it fills. */
  readonly dataset: string;
  /** As configured; empty: none, or the table's primary key. */
  readonly key: readonly string[];
  /** Empty: none. */
  readonly cursor: string;
}

/** Where datasets are delivered to. */
export interface SinkEntry {
  /** In the project. */
  readonly name: string;
  /** Name of its kind. */
  readonly kind: string;
  /** One line: "csv files in reports". */
  readonly what: string;
  /** The selector of its datasets. */
  readonly select: string;
  /** The datasets with what they are called there. */
  readonly tables: readonly { readonly dataset: string; readonly target: string }[];
}

/** The sources with their tables, as their kinds describe them. */
export function sourceEntries(
  { sources }: Pick<Project, "sources">,
  tables: Catalogue["tables"],
  kinds: LoadedKinds["sources"],
): SourceEntry[] {
  return Object.entries(sources).map(([name, source]) => ({
    name,
    kind: source.kind,
    what: kinds.get(source.kind)?.describe(source.config) ?? source.kind,
    tables: (tables[name] ?? []).map(({ name: table }) => ({
      table,
      dataset: bronzeName(name, table),
      ...identity(source, table),
    })),
  }));
}

/** The sinks with what they write, as their kinds describe them. */
export function sinkEntries(
  { sinks }: Pick<Project, "sinks">,
  graph: readonly GraphNode[],
  kinds: LoadedKinds["sinks"],
): SinkEntry[] {
  return Object.entries(sinks).map(([name, { kind, config, select }]) => ({
    name,
    kind,
    what: kinds.get(kind)?.describe(config) ?? kind,
    select,
    tables: graph
      .flatMap(({ work }) => (work.kind === "sink" && work.sink === name ? [work.dataset] : []))
      .sort()
      .map((dataset) => ({ dataset, target: kinds.get(kind)?.target(config, dataset) ?? dataset })),
  }));
}

function identity(
  { tables }: SourceConfig,
  table: string,
): { readonly key: readonly string[]; readonly cursor: string } {
  const named = tables.find(({ name }) => name === table) ?? tables.find(({ name }) => name === "*");
  return { key: named?.key ?? [], cursor: named?.cursor ?? "" };
}
