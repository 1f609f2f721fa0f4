/** The data dictionary of a project as plain data: what its headers and its configuration say. */

import type { CheckSpec } from "../../api/checks.ts";
import type { Column } from "../../engine/engine.ts";
import type { Catalogue } from "../../pipeline/index.ts";
import { standardParameters } from "../../project/parameters.ts";
import type { ColumnSpec, Layer, Model, NamedQuery, Project, Schedule } from "../../project/project.ts";
import { namedDatasets } from "../../quality/bind-tables.ts";
import { type SinkEntry, type SourceEntry, sinkEntries, sourceEntries } from "./systems.ts";

export interface Dictionary {
  readonly name: string;
  readonly timezone: string;
  readonly currency: string;
  /** Bronze, silver, gold; by name within a layer. */
  readonly datasets: readonly DatasetEntry[];
  /** Files of the folder checks/. */
  readonly checks: readonly FileCheckEntry[];
  readonly queries: readonly QueryEntry[];
  readonly sources: readonly SourceEntry[];
  readonly sinks: readonly SinkEntry[];
  readonly schedules: readonly Schedule[];
}

export interface DatasetEntry {
  readonly dataset: string;
  readonly layer: Layer;
  /** The model's file, or the source. */
  readonly from: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly key: readonly string[];
  readonly newestBy: readonly string[];
  /** SQL expression; empty: one partition. */
  readonly partitionBy: string;
  readonly inputs: readonly string[];
  readonly readBy: Readers;
  readonly columns: readonly ColumnEntry[];
  /** Rows for which the condition holds are rejected. */
  readonly rules: readonly { readonly name: string; readonly condition: string }[];
  /** Checks of the whole dataset, without those of a file. */
  readonly checks: readonly CheckEntry[];
}

/** Names of what reads a dataset. */
export interface Readers {
  readonly datasets: readonly string[];
  readonly queries: readonly string[];
  readonly sinks: readonly string[];
}

export interface ColumnEntry {
  readonly name: string;
  /** Empty while it is not known. */
  readonly type: string;
  readonly description: string;
  readonly checks: readonly CheckEntry[];
  readonly tags: readonly string[];
}

export type CheckEntry = Pick<CheckSpec, "name" | "type" | "arguments" | "severity" | "where" | "threshold">;

export interface FileCheckEntry {
  readonly file: string;
  readonly dataset: string;
  readonly description: string;
  readonly severity: CheckSpec["severity"];
}

export interface QueryEntry {
  readonly name: string;
  readonly file: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly reads: readonly string[];
  readonly parameters: readonly ParameterEntry[];
}

export interface ParameterEntry {
  readonly name: string;
  readonly type: string;
  readonly description: string;
  /** Of the header; absent: a `standard` one is the project's, another must be given. */
  readonly default?: string;
  readonly standard: boolean;
}

/** Columns of models whose inputs have never arrived are those that the header names. */
export function dictionaryOf({ project, tables, datasets, graph }: Catalogue): Dictionary {
  const sources = sourceEntries(project.sources, tables);
  const sinks = sinkEntries(project.sinks, graph);
  const queries = project.queries.map(queryEntry);
  const readBy = (dataset: string): Readers => ({
    datasets: project.models.filter((model) => model.dependencies.includes(dataset)).map(nameOf),
    queries: queries.filter((query) => query.reads.includes(dataset)).map(({ name }) => name),
    sinks: sinks
      .filter((sink) => sink.tables.some((table) => table.dataset === dataset))
      .map(({ name }) => name),
  });
  const ofBronze = sources.flatMap((source) =>
    source.tables.map((table) => ({
      ...noModel,
      dataset: table.dataset,
      from: `source ${source.name}`,
      key: table.key,
      readBy: readBy(table.dataset),
      columns: (datasets.get(table.dataset)?.columns ?? []).map((column) => ({
        ...columnEntry(column, undefined, []),
        description: reserved[column.name] ?? "",
      })),
    })),
  );
  const ofModels = (layer: Layer) =>
    project.models
      .filter((model) => model.layer === layer)
      .map((model) => modelEntry(model, readBy(model.dataset)));
  return {
    name: project.name,
    timezone: project.timezone,
    currency: project.currency,
    datasets: [...ofBronze, ...ofModels("silver"), ...ofModels("gold")],
    checks: fileChecks(project),
    queries,
    sources,
    sinks,
    schedules: project.schedules,
  };
}

/** Columns that Shoplake adds in bronze. */
const reserved: Readonly<Record<string, string>> = {
  _deleted: "the row is gone at the source",
  _file: "file it came from",
  _file_hash: "content of that file",
  _ingested_at: "when it arrived",
  _row: "number of the row in that file",
  _run_id: "run that brought it",
  _source: "source it came from",
};

const noModel = {
  layer: "bronze",
  description: "",
  tags: [],
  newestBy: [],
  partitionBy: "",
  inputs: [],
  rules: [],
  checks: [],
} as const;

function modelEntry(model: Model, readBy: Readers): DatasetEntry {
  const columns: readonly Column[] =
    model.schema.length > 0
      ? model.schema
      : model.columns.map(({ name, type }) => ({ name, type: type ?? "" }));
  const ownChecks = model.checks.filter((check) => !isOfFile(check));
  return {
    dataset: model.dataset,
    layer: model.layer,
    from: model.file,
    description: model.description,
    tags: model.tags,
    key: model.key,
    newestBy: model.newestBy,
    partitionBy: model.partitionBy ?? "",
    inputs: model.dependencies,
    readBy,
    columns: columns.map((column) =>
      columnEntry(
        column,
        model.columns.find(({ name }) => name === column.name),
        ownChecks.filter((check) => check.column === column.name),
      ),
    ),
    rules: model.reject.map(({ name, condition }) => ({ name, condition })),
    checks: ownChecks.filter(({ column }) => column === undefined).map(checkEntry),
  };
}

function columnEntry(
  { name, type }: Column,
  spec: ColumnSpec | undefined,
  checks: readonly CheckSpec[],
): ColumnEntry {
  return {
    name,
    type,
    description: spec?.description.trim() ?? "",
    checks: checks.map(checkEntry),
    tags: spec?.tags ?? [],
  };
}

function checkEntry({ name, type, arguments: given, severity, where, threshold }: CheckSpec): CheckEntry {
  return {
    name,
    type,
    arguments: given,
    severity,
    ...(where === undefined ? {} : { where }),
    ...(threshold === undefined ? {} : { threshold }),
  };
}

function fileChecks(project: Project): FileCheckEntry[] {
  return project.models
    .flatMap((model) =>
      model.checks.filter(isOfFile).map(({ location, severity, arguments: given }) => ({
        file: location.replace(/:\d+$/, ""),
        dataset: model.dataset,
        description: String(given["description"] ?? ""),
        severity,
      })),
    )
    .sort((a, b) => (a.file < b.file ? -1 : 1));
}

function isOfFile({ location }: CheckSpec): boolean {
  return location.startsWith("checks/");
}

function queryEntry({ name, file, description, tags, sql, parameters }: NamedQuery): QueryEntry {
  return {
    name,
    file,
    description,
    tags,
    reads: namedDatasets(sql),
    parameters: Object.entries(parameters).map(
      ([parameter, { type, default: value, description: text }]) => ({
        name: parameter,
        type,
        description: text,
        ...(value === undefined ? {} : { default: value }),
        standard: value === undefined && standardParameters.includes(parameter),
      }),
    ),
  };
}

function nameOf({ dataset }: Model): string {
  return dataset;
}
