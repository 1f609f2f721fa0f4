/** The data dictionary of a project as plain data: what its headers and its configuration say. */

import type { CheckSpec } from "../../api/checks.ts";
import type { Column } from "../../engine/engine.ts";
import type { LoadedKinds } from "../../host/kinds.ts";
import type { Catalogue } from "../../pipeline/index.ts";
import { standardParameters } from "../../project/parameters.ts";
import type { ColumnSpec, Layer, Model, NamedQuery, Project } from "../../project/project.ts";
import { own } from "../../util/own.ts";
import { readersOf } from "../readers.ts";
import type { ReceivedNames } from "../received-names.ts";
import type {
  CheckEntry,
  ColumnEntry,
  DatasetEntry,
  Dictionary,
  FileCheckEntry,
  QueryEntry,
} from "./entries.ts";
import { sinkEntries, sourceEntries } from "./systems.ts";

/**
 * Columns of models whose inputs have never arrived are those that the header names. `received`: what columns of bronze were called
 * at the source.
 */
export function dictionaryOf(
  catalogue: Catalogue,
  kinds: LoadedKinds,
  received: ReceivedNames = new Map(),
): Dictionary {
  const { project, tables, datasets, graph } = catalogue;
  const sources = sourceEntries(project, tables, kinds.sources);
  const sinks = sinkEntries(project, graph, kinds.sinks);
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
        description: bronzeDescription(column.name, received.get(table.dataset)),
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

function bronzeDescription(column: string, received: ReadonlyMap<string, string> | undefined): string {
  const before = received?.get(column);
  return before === undefined ? (own(reserved, column) ?? "") : `received as ${JSON.stringify(before)}`;
}

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

function queryEntry({ name, file, description, tags, reads, parameters }: NamedQuery): QueryEntry {
  return {
    name,
    file,
    description,
    tags,
    reads,
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
