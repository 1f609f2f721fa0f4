/** The data dictionary of a project as plain data: what its headers and its configuration say. */
import type { Column } from "../../engine/engine.ts";
import type { Catalogue } from "../../pipeline/index.ts";
import { standardParameters } from "../../project/parameters.ts";
import type { ColumnSpec, Layer, Model, NamedQuery, Project, Schedule } from "../../project/project.ts";
import { namedDatasets } from "../../quality/bind-tables.ts";
import type { CheckSpec } from "../../quality/check.ts";
import { type Readers, readersOf } from "../readers.ts";
import { type SinkEntry, type SourceEntry, sinkEntries, sourceEntries } from "./systems.ts";

/** Everything that a project says of itself. */
export interface Dictionary {
  /** Name of the project. */
  readonly name: string;
  /** IANA name: reporting days are days of it. */
  readonly timezone: string;
  /** ISO 4217. */
  readonly currency: string;
  /** Bronze, silver, gold; by name within a layer. */
  readonly datasets: readonly DatasetEntry[];
  /** Files of the folder checks/. */
  readonly checks: readonly FileCheckEntry[];
  /** By name. */
  readonly queries: readonly QueryEntry[];
  /** In the order of the configuration. */
  readonly sources: readonly SourceEntry[];
  /** In the order of the configuration. */
  readonly sinks: readonly SinkEntry[];
  /** In the order of the configuration. */
  readonly schedules: readonly Schedule[];
}

/** A dataset. */
export interface DatasetEntry {
  /** "silver.orders" */
  readonly dataset: string;
  /** Its layer. */
  readonly layer: Layer;
  /** The model's file, or the source. */
  readonly from: string;
  /** Of the header; "" when there is none. */
  readonly description: string;
  /** Of the header. */
  readonly tags: readonly string[];
  /** Columns that identify a row; empty: none are declared. */
  readonly key: readonly string[];
  /** Columns that decide which of several rows of a key is published. */
  readonly newestBy: readonly string[];
  /** SQL expression; empty: one partition. */
  readonly partitionBy: string;
  /** Datasets that its model reads. */
  readonly inputs: readonly string[];
  /** Names of what reads it directly. */
  readonly readBy: Pick<Readers, "datasets" | "queries" | "sinks">;
  /** Empty while they are not known. */
  readonly columns: readonly ColumnEntry[];
  /** Rows for which the condition holds are rejected. */
  readonly rules: readonly { readonly name: string; readonly condition: string }[];
  /** Checks of the whole dataset, without those of a file. */
  readonly checks: readonly CheckEntry[];
}

/** A column of a dataset. */
export interface ColumnEntry {
  /** Name of the column. */
  readonly name: string;
  /** Empty while it is not known. */
  readonly type: string;
  /** Of the header; "" when there is none. */
  readonly description: string;
  /** Checks of this column. */
  readonly checks: readonly CheckEntry[];
  /** Of the header. */
  readonly tags: readonly string[];
}

/** A check as its header has it. */
export type CheckEntry = Pick<CheckSpec, "name" | "type" | "arguments" | "severity" | "where" | "threshold">;

/** A check in a file of its own. */
export interface FileCheckEntry {
  /** Relative to the project. */
  readonly file: string;
  /** Dataset that it stands on. */
  readonly dataset: string;
  /** What the bad rows are. */
  readonly description: string;
  /** What a bad row means. */
  readonly severity: CheckSpec["severity"];
}

/** A named query. */
export interface QueryEntry {
  /** "kpi/revenue" */
  readonly name: string;
  /** Relative to the project. */
  readonly file: string;
  /** Of the header; "" when there is none. */
  readonly description: string;
  /** Of the header. */
  readonly tags: readonly string[];
  /** Datasets that it names. */
  readonly reads: readonly string[];
  /** In the order of the SELECT. */
  readonly parameters: readonly ParameterEntry[];
}

/** A parameter of a query. */
export interface ParameterEntry {
  /** Name without braces. */
  readonly name: string;
  /** ClickHouse type. */
  readonly type: string;
  /** Of the header; "" when there is none. */
  readonly description: string;
  /** Of the header; absent: a `standard` one is the project's, another must be given. */
  readonly default?: string;
  /** True for one whose value the project knows: today, timezone, currency. */
  readonly standard: boolean;
}

/** Columns of models whose inputs have never arrived are those that the header names. */
export function dictionaryOf(catalogue: Catalogue): Dictionary {
  const { project, tables, datasets, graph } = catalogue;
  const sources = sourceEntries(project.sources, tables);
  const sinks = sinkEntries(project.sinks, graph);
  const readBy = (dataset: string): DatasetEntry["readBy"] => {
    const { datasets: models, queries, sinks: targets } = readersOf(catalogue, dataset);
    return { datasets: models, queries, sinks: targets };
  };
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
    queries: project.queries.map(queryEntry),
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

function modelEntry(model: Model, readBy: DatasetEntry["readBy"]): DatasetEntry {
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
