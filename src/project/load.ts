/** A project folder -> Project. All problems of all files are reported together. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";
import { type Problem, ShoplakeError } from "../util/errors.ts";
import { bronzeTables } from "./bronze-tables.ts";
import { uniqueNames } from "./check-specs.ts";
import { type ConfigResult, readConfig, type UnsetVariable } from "./config-file.ts";
import { type Environment, envPlaces } from "./env.ts";
import { at, sortProblems, unknownName } from "./issues.ts";
import type { Kinds } from "./kinds.ts";
import { readModel } from "./model-file.ts";
import type { Model, NamedQuery, Project, UnitTest } from "./project.ts";
import { readQuery, readSqlCheck, type SqlCheck } from "./query-file.ts";
import { readUnitTests } from "./unit-test-file.ts";

/** What the files of a project are checked against. */
export interface LoadOptions {
  /** The process environment. */
  readonly env: Environment;
  /** All kinds of sources, sinks and checks there are. */
  readonly kinds: Kinds;
}

/** What could be read, and everything that is wrong. */
export interface LoadResult {
  /** What could be read, parts with problems left out. Undefined when the config file does not even tell name, engine and lake. */
  readonly project: Project | undefined;
  /** All problems of all files. */
  readonly problems: readonly Problem[];
  /** Those of `problems` that the config file has with its sources, sinks and schedules. */
  readonly ofParts: readonly Problem[];
  /** Those of `ofParts` that are variables without a value. */
  readonly unset: readonly UnsetVariable[];
  /** Datasets whose model was left out: they exist, but nothing is known of them. */
  readonly broken: readonly string[];
}

/**
 * Reads the project in `dir`: shoplake.config.{ts,mts,js,mjs}, models, checks, queries, unit tests. No engine is needed:
 * `dependencies` and `schema` of the models are empty until `resolveProject`.
 * Throws one `config` error that lists every problem with file and line.
 */
export async function loadProject(dir: string, options: LoadOptions): Promise<Project> {
  const { project, problems } = await readProject(dir, options);
  if (project === undefined || problems.length > 0) throw projectError(problems);
  return project;
}

/** The error for a project with problems. */
export function projectError(problems: readonly Problem[]): ShoplakeError {
  const sorted = sortProblems(problems);
  const count = sorted.length === 1 ? "a problem" : `${sorted.length} problems`;
  return new ShoplakeError("config", `the project has ${count}`, { problems: sorted });
}

/** Like `loadProject`, but returns the problems. Throws only when there is no config file. */
export async function readProject(dir: string, options: LoadOptions): Promise<LoadResult> {
  return readFiles(dir, await readProjectConfig(dir, options));
}

/** The configuration of the project in `dir`, with its problems. Throws only when there is no config file. */
export function readProjectConfig(dir: string, { env, kinds }: LoadOptions): Promise<ConfigResult> {
  const root = resolve(dir);
  return readConfig(root, { places: envPlaces(root, env), kinds });
}

/** All other files of the project whose configuration was read. */
export function readFiles(dir: string, configResult: ConfigResult): LoadResult {
  const root = resolve(dir);
  const { config, kinds, problems: configProblems, ofParts, unset } = configResult;
  const problems: Problem[] = [...configProblems];
  const models = readModels(root, kinds.checks, problems);
  const checks = read(root, "checks", /\.sql$/, (file, text) => readSqlCheck(file, text, problems));
  const queries = read(root, "queries", /\.sql$/, (file, text) => readQuery(file, text, problems));
  const unitTests = read(root, "tests", /\.ya?ml$/, (file, text) => readUnitTests(file, text, problems));
  const bronze = config ? bronzeTables(config.sources).map(({ dataset }) => dataset) : undefined;
  const broken = brokenDatasets(root, models);
  checkUnitTests(unitTests.flat(), { models, bronze, broken }, problems);
  checkScheduleNames(configResult, [...models.map(({ dataset }) => dataset), ...broken], problems);
  const withChecks = addChecks(models, { checks: defined(checks), broken }, problems);
  if (config === undefined || configProblems.length > ofParts.length)
    return { project: undefined, problems, ofParts, unset, broken };
  const project: Project = {
    ...config,
    models: withChecks,
    queries: defined<NamedQuery>(queries),
    unitTests: unitTests.flat(),
  };
  return { project, problems, ofParts, unset, broken };
}

const layers: readonly string[] = ["bronze", "silver", "gold", "sink"];

/** The name of a schedule is a selector, so it must not be another selector as well. */
function checkScheduleNames(
  { config, file, lineOf }: ConfigResult,
  models: readonly string[],
  problems: Problem[],
): void {
  if (config === undefined) return;
  const datasets = [...models, ...bronzeTables(config.sources).map(({ dataset }) => dataset)];
  for (const [i, { name }] of config.schedules.entries()) {
    const dataset = datasets.find((each) => each.slice(each.indexOf(".") + 1) === name);
    const same = layers.includes(name)
      ? `the layer ${name}`
      : name in config.sources
        ? `the source ${name}`
        : dataset && `the dataset ${dataset}`;
    if (same !== undefined)
      problems.push({
        message: `the schedule ${name} has the name of ${same}`,
        hint: "give it a name of its own: `shoplake run <schedule>` takes it for a selector",
        ...at(file, lineOf(["schedules", i, "name"])),
      });
  }
}

/** Datasets of model files that gave no model. */
function brokenDatasets(root: string, models: readonly Model[]): string[] {
  const known = models.map(({ dataset }) => dataset);
  const all = read(root, "models", /\.sql$/, (file) => {
    const [, layer, name] = /^models\/(silver|gold)\/(?:.*\/)?([^/]+)\.sql$/.exec(file) ?? [];
    return layer === undefined ? "" : `${layer}.${name}`;
  });
  return all.filter((dataset) => dataset !== "" && !known.includes(dataset));
}

/** Reads every matching file below a folder, in the order of their names. */
function read<T>(
  root: string,
  folder: string,
  ending: RegExp,
  parse: (file: string, text: string) => T,
): T[] {
  const path = join(root, folder);
  if (!existsSync(path)) return [];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && ending.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .sort()
    .map((file) => parse(file, readFileSync(join(root, file), "utf8")));
}

function readModels(root: string, checks: Kinds["checks"], problems: Problem[]): Model[] {
  const byName = new Map<string, Model>();
  read(root, "models", /\.sql$/, (file, text) => {
    if (!/^models\/(silver|gold)\//.test(file)) {
      problems.push({
        message: "the file stands in no layer",
        hint: "move it to models/silver or models/gold; bronze is filled by sources",
        ...at(file, 1),
      });
      return;
    }
    const model = readModel(file, text, { checks, problems });
    const other = model && byName.get(model.dataset);
    if (model && other)
      problems.push({
        message: `two models are named ${model.dataset}: ${other.file} and ${file}`,
        hint: "rename one of the files",
        ...at(file, 1),
      });
    else if (model) byName.set(model.dataset, model);
  });
  return [...byName.values()].sort((a, b) => (a.dataset < b.dataset ? -1 : 1));
}

function addChecks(
  models: readonly Model[],
  { checks, broken }: { readonly checks: readonly SqlCheck[]; readonly broken: readonly string[] },
  problems: Problem[],
): Model[] {
  const known = [...models.map(({ dataset }) => dataset), ...broken];
  for (const { dataset, file, datasetLine } of checks)
    if (!known.includes(dataset))
      problems.push({
        ...(dataset.startsWith("bronze.")
          ? { message: `checks stand on silver and gold datasets, not on ${dataset}` }
          : unknownName(`dataset "${dataset}"`, dataset, known, "")),
        ...at(file, datasetLine),
      });
  return models.map((model) => {
    const own = checks.filter(({ dataset }) => dataset === model.dataset).map(({ spec }) => spec);
    return own.length === 0 ? model : { ...model, checks: uniqueNames([...model.checks, ...own]) };
  });
}

interface KnownDatasets {
  readonly models: readonly Model[];
  /** Undefined when the config file cannot be read. */
  readonly bronze: readonly string[] | undefined;
  readonly broken: readonly string[];
}

function checkUnitTests(
  tests: readonly UnitTest[],
  { models, bronze, broken }: KnownDatasets,
  problems: Problem[],
): void {
  const datasets = [...models.map(({ dataset }) => dataset), ...broken];
  const wholeSources = (bronze ?? []).filter((dataset) => dataset.endsWith("_*"));
  const seen = new Set<string>();
  for (const { name, model, given, file, line } of tests) {
    if (!datasets.includes(model))
      problems.push({
        ...unknownName(`model "${model}"`, model, datasets, `test ${name}`),
        ...at(file, line),
      });
    const known = [...datasets, ...(bronze ?? Object.keys(given))];
    for (const dataset of Object.keys(given)) {
      if (known.includes(dataset) || wholeSources.some((all) => dataset.startsWith(all.slice(0, -1))))
        continue;
      problems.push({
        ...unknownName(`dataset "${dataset}"`, dataset, known, `test ${name}`),
        ...at(file, line),
      });
    }
    if (seen.has(name)) problems.push({ message: `two tests are named ${name}`, ...at(file, line) });
    seen.add(name);
  }
}

function defined<T>(values: readonly (T | undefined)[]): T[] {
  return values.filter((value) => value !== undefined);
}
