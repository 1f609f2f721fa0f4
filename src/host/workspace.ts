/** Puts the adapters together: a project folder -> everything a run needs. CLI and server open projects here, and only here. */
import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { resolveProject, type Schemas } from "../analysis/resolve.ts";
import type { Column, Engine } from "../engine/engine.ts";
import { openEngine } from "../engine/open.ts";
import { type Lake, openLake } from "../lake/lake.ts";
import { localStore } from "../lake/store/local.ts";
import { s3Store } from "../lake/store/s3.ts";
import type { LakeStore } from "../lake/store/store.ts";
import { addedColumns } from "../pipeline/bronze/extract.ts";
import { bronzeName } from "../pipeline/graph/graph.ts";
import type { Workspace } from "../pipeline/index.ts";
import { bronzeTables } from "../project/config-file.ts";
import { type LoadResult, projectError, readProject } from "../project/load.ts";
import type { Project } from "../project/project.ts";
import { namedDatasets } from "../quality/bind-tables.ts";
import { unknownRules, validateCheck } from "../quality/validate.ts";
import { openSink } from "../sinks/registry.ts";
import { openSource } from "../sources/registry.ts";
import type { Source, SourceContext, SourceTable } from "../sources/source.ts";
import { openState } from "../state/state.ts";
import { isLostEngine } from "../util/errors.ts";
import { retrying } from "../util/retry.ts";
import { openWarehouse } from "../warehouse/warehouse.ts";

export interface OpenWorkspaceOptions {
  /** Folder of shoplake.config.ts. */
  readonly dir: string;
  /** Default: the environment of the process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Default: the system's clock. */
  readonly clock?: () => Date;
  /** Hears of things that do not stop the work. Default: nobody. */
  readonly warn?: (message: string) => void;
}

/**
 * Loads the project, finds or starts its engine, and resolves its models.
 * Throws `config` with all problems of the project; whatever was opened until then is closed.
 */
export async function openWorkspace(options: OpenWorkspaceOptions): Promise<Workspace> {
  // An engine that was found running may be on its way out with the process that started it.
  return retrying(() => openOnce(options), { attempts: 3, again: isLostEngine });
}

interface LoadedProject {
  readonly read: LoadResult;
  readonly loaded: Project;
  readonly engine: Engine;
}

/** Reads the files of the project and finds or starts its engine. */
async function loadWithEngine({ dir, env = process.env }: OpenWorkspaceOptions): Promise<LoadedProject> {
  const read = await readProject(dir, { env });
  const loaded = read.project;
  if (loaded === undefined) throw projectError(read.problems);
  refuseBadChecks(loaded);
  const engine = await openEngine({
    stateDir: loaded.stateDir,
    config: loaded.engine,
    env,
    s3: loaded.lake.kind === "s3" ? { shoplake_lake: loaded.lake } : {},
  });
  return { read, loaded, engine };
}

async function openOnce(options: OpenWorkspaceOptions): Promise<Workspace> {
  const { clock = () => new Date(), warn = () => undefined } = options;
  const { read, loaded, engine } = await loadWithEngine(options);
  const sources = mapValues(loaded.sources, openSource);
  const sinks = mapValues(loaded.sinks, openSink);
  const close = async (): Promise<void> => {
    for (const adapter of [...Object.values(sources), ...Object.values(sinks)]) await adapter.close();
    await engine.close();
  };
  try {
    const lake = openLake({ store: openStore(loaded), engine, clock, warn });
    const warehouse = await openWarehouse(engine);
    const state = await openState(engine, clock);
    const opened = { project: loaded, engine, lake, sources, warn };
    const sourceTables = await declaredTables(opened);
    const schemas = (): Promise<Schemas> => bronzeSchemas(opened, sourceTables);
    const bronze = await schemas();
    const resolve = onceFor((columns: Schemas) => resolveProject(loaded, engine, columns, read));
    return {
      project: await resolve(bronze),
      resolve: async () => resolve(await schemas()),
      engine,
      lake,
      warehouse,
      state,
      sources,
      sinks,
      sourceTables,
      bronze,
      clock,
      host: { name: hostname(), pid: process.pid },
      startedAt: clock(),
      newId: () => randomBytes(6).toString("hex"),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Does the work again only for another argument than the last time (anything that JSON can hold), or after a failure. */
function onceFor<A, T>(work: (argument: A) => Promise<T>): (argument: A) => Promise<T> {
  let last: { readonly key: string; readonly result: Promise<T> } | undefined;
  return (argument) => {
    const key = JSON.stringify(argument);
    if (last?.key === key) return last.result;
    const result = work(argument);
    last = { key, result };
    result.catch(() => {
      if (last?.result === result) last = undefined;
    });
    return result;
  };
}

/** A project as far as it is known without asking its sources. */
export interface KnownProject {
  /** Resolved; a model has no schema while a bronze dataset below it has no columns yet. */
  readonly project: Project;
  readonly sourceTables: Workspace["sourceTables"];
  /** Columns of bronze datasets since the last run; none of one that has never had a row. */
  readonly bronze: Schemas;
}

/** Resolves the project with what its lake holds; no source, sink or server but the engine is asked. */
export async function readKnownProject(options: OpenWorkspaceOptions): Promise<KnownProject> {
  const { clock = () => new Date(), warn = () => undefined } = options;
  const { read, loaded, engine } = await loadWithEngine(options);
  try {
    const lake = openLake({ store: openStore(loaded), engine, clock, warn });
    const sourceTables = await knownTables(loaded, lake);
    const bronze: Record<string, readonly Column[]> = {};
    for (const dataset of bronzeDatasets(sourceTables))
      bronze[dataset] = (await lake.table(dataset).snapshot())?.columns ?? [];
    return { project: await resolveProject(loaded, engine, bronze, read), sourceTables, bronze };
  } finally {
    await engine.close();
  }
}

/** Tables by the configuration; those of a source of all tables ("*") by what the lake holds and the models read. */
async function knownTables(project: Project, lake: Lake): Promise<Workspace["sourceTables"]> {
  const declared = bronzeTables(project.sources);
  const seen = [...(await lake.datasets()), ...project.models.flatMap(({ sql }) => namedDatasets(sql))];
  const known = new Set(declared.map(({ dataset }) => dataset));
  const tables = declared.flatMap(({ source, table }) => {
    const prefix = bronzeName(source, "");
    if (table !== "*") return [{ source, table }];
    const others = seen.filter((dataset) => dataset.startsWith(prefix) && !known.has(dataset));
    return [...new Set(others)].sort().map((dataset) => ({ source, table: dataset.slice(prefix.length) }));
  });
  return mapValues(project.sources, (source) =>
    tables
      .filter((each) => each.source === source)
      .map(({ table }) => ({ name: table, key: [], columns: [] })),
  );
}

function bronzeDatasets(tables: Workspace["sourceTables"]): string[] {
  return Object.entries(tables).flatMap(([source, list]) => list.map(({ name }) => bronzeName(source, name)));
}

function refuseBadChecks(project: Project): void {
  const problems = project.models.flatMap((model) => [
    ...model.checks.flatMap(validateCheck),
    ...unknownRules(model),
  ]);
  if (problems.length > 0) throw projectError(problems);
}

interface Opened {
  readonly project: Project;
  readonly engine: Engine;
  readonly lake: Lake;
  readonly sources: Readonly<Record<string, Source>>;
  readonly warn: (message: string) => void;
}

/** The tables of every source as the configuration names them; a source of all tables ("*") is asked for their names. */
async function declaredTables(opened: Opened): Promise<Workspace["sourceTables"]> {
  const found: Record<string, readonly SourceTable[]> = {};
  const declared = bronzeTables(opened.project.sources);
  for (const source of Object.keys(opened.sources)) {
    const names = declared.filter((table) => table.source === source).map(({ table }) => table);
    found[source] = names.includes("*")
      ? await discover(opened, source)
      : names.map((name) => ({ name, key: [], columns: [] }));
  }
  return found;
}

/** Columns of all bronze datasets: those of the lake, or, before the first run, those that the source describes. */
async function bronzeSchemas(opened: Opened, tables: Workspace["sourceTables"]): Promise<Schemas> {
  const schemas: Record<string, readonly Column[]> = {};
  for (const [source, list] of Object.entries(tables)) {
    let described: Promise<readonly SourceTable[]> | undefined;
    for (const { name } of list) {
      const dataset = bronzeName(source, name);
      const snapshot = await opened.lake.table(dataset).snapshot();
      described ??= snapshot ? undefined : discover(opened, source);
      const columns = (await described)?.find((table) => table.name === name)?.columns ?? [];
      schemas[dataset] = snapshot?.columns ?? (columns.length === 0 ? [] : [...columns, ...addedColumns]);
    }
  }
  return schemas;
}

async function discover(
  { project, engine, sources, warn }: Opened,
  name: string,
): Promise<readonly SourceTable[]> {
  const context: SourceContext = {
    engine,
    spool: project.stateDir,
    projectDir: project.dir,
    signal: new AbortController().signal,
    warn,
  };
  return (await sources[name]?.tables(context)) ?? [];
}

function openStore({ lake }: Project): LakeStore {
  return lake.kind === "local" ? localStore(lake.path) : s3Store(lake);
}

function mapValues<T, U>(
  values: Readonly<Record<string, T>>,
  change: (name: string, value: T) => U,
): Readonly<Record<string, U>> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(name, value)]));
}
