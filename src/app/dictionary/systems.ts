/** Sources and sinks as the dictionary shows them: what they hold, never how to get in. */

import { bronzeName } from "../../api/datasets.ts";
import type { Catalogue, GraphNode } from "../../pipeline/index.ts";
import type {
  FilesSinkConfig,
  FilesSourceConfig,
  PostgresSinkConfig,
  PostgresSourceConfig,
} from "../../project/config-schema.ts";
import type { AdapterConfig, Project } from "../../project/project.ts";

export interface SourceEntry {
  readonly name: string;
  readonly kind: string;
  /** One line: "csv files inbox/*.csv", "PostgreSQL, schema public". */
  readonly what: string;
  readonly tables: readonly SourceTableEntry[];
}

export interface SourceTableEntry {
  readonly table: string;
  readonly dataset: string;
  /** As configured; empty: none, or the table's primary key. */
  readonly key: readonly string[];
  /** Empty: none. */
  readonly cursor: string;
}

export interface SinkEntry {
  readonly name: string;
  readonly kind: string;
  readonly what: string;
  /** The selector of its datasets. */
  readonly select: string;
  readonly tables: readonly { readonly dataset: string; readonly target: string }[];
}

export function sourceEntries(sources: Project["sources"], tables: Catalogue["tables"]): SourceEntry[] {
  return Object.entries(sources).map(([name, source]) => ({
    name,
    kind: source.kind,
    what: sourceText(source),
    tables: (tables[name] ?? []).map(({ name: table }) => ({
      table,
      dataset: bronzeName(name, table),
      ...identity(source, table),
    })),
  }));
}

export function sinkEntries(sinks: Project["sinks"], graph: readonly GraphNode[]): SinkEntry[] {
  return Object.entries(sinks).map(([name, sink]) => ({
    name,
    kind: sink.kind,
    what: sinkText(sink),
    select: sink.select,
    tables: graph
      .flatMap(({ work }) => (work.kind === "sink" && work.sink === name ? [work.dataset] : []))
      .sort()
      .map((dataset) => ({ dataset, target: targetOf(sink, dataset) })),
  }));
}

function sourceText(source: AdapterConfig): string {
  if (source.kind === "postgres") return `PostgreSQL, schema ${postgresSource(source).schema}`;
  const { format, path } = filesSource(source);
  return `${format} files ${path}`;
}

function identity(
  source: AdapterConfig,
  table: string,
): { readonly key: readonly string[]; readonly cursor: string } {
  const { key = [], cursor = "" } = tablesOf(source)[table] ?? tablesOf(source)["*"] ?? {};
  return { key, cursor };
}

function tablesOf(
  source: AdapterConfig,
): Readonly<Record<string, { readonly key?: readonly string[]; readonly cursor?: string | undefined }>> {
  if (source.kind === "postgres") return postgresSource(source).tables;
  const config = filesSource(source);
  return "tables" in config ? (config.tables ?? {}) : { [config.table ?? ""]: config };
}

function sinkText(sink: AdapterConfig): string {
  if (sink.kind === "postgres") return `PostgreSQL, schema ${postgresSink(sink).schema}`;
  const { format, directory } = filesSink(sink);
  return `${format} files in ${directory}`;
}

function targetOf(sink: AdapterConfig, dataset: string): string {
  if (sink.kind !== "postgres") return `${dataset}.${filesSink(sink).format}`;
  const { schema, tables } = postgresSink(sink);
  return `${schema}.${tables[dataset] ?? dataset.slice(dataset.indexOf(".") + 1)}`;
}

/** The configuration was validated by the schema of its kind. */
const postgresSource = ({ config }: AdapterConfig) => config as unknown as PostgresSourceConfig;
const filesSource = ({ config }: AdapterConfig) => config as unknown as FilesSourceConfig;
const postgresSink = ({ config }: AdapterConfig) => config as unknown as PostgresSinkConfig;
const filesSink = ({ config }: AdapterConfig) => config as unknown as FilesSinkConfig;
