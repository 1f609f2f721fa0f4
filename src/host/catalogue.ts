/** The project as resolved at one moment: the one truth of what its datasets are and which columns they have. */
import { resolveProject, resolveWhatIsRight } from "../analysis/resolve.ts";
import { bronzeName, homeOf, layerOf } from "../api/datasets.ts";
import {
  type Adapters,
  type Catalogue,
  type Dataset,
  type DeclaredTable,
  projectGraph,
} from "../pipeline/index.ts";
import { problemLine, sortProblems } from "../project/issues.ts";
import { type LoadResult, projectError } from "../project/load.ts";
import type { Project, SinkConfig } from "../project/project.ts";
import { problemsInModel, validateCheck } from "../quality/validate.ts";
import { messageOf, type Problem } from "../util/errors.ts";
import { lazyAdapters } from "./adapters.ts";
import type { OpenedHost } from "./host.ts";
import { loadKinds } from "./kinds.ts";
import { sharedTargets } from "./sink-targets.ts";
import {
  type BronzeColumns,
  bronzeColumns,
  type Inquiry,
  type SourceTables,
  sourceTables,
} from "./source-tables.ts";

/** A catalogue together with its end. */
export interface OpenedCatalogue extends Catalogue {
  /** Closes the sources and sinks that were opened for it. */
  close(): Promise<void>;
}

/** How much of a project is needed. */
export interface CatalogueOptions {
  /** False: no source is asked; what only a source could tell stays unknown. Default true. */
  readonly askSources?: boolean;
  /** True: problems are told to `host.warn`, and what is right is resolved without the rest. Default false: they are an error. */
  readonly leaveOutWrong?: boolean;
  /** Stops what is asked of sources. Default: nothing does. */
  readonly signal?: AbortSignal;
}

/**
 * Resolves what was read of a project on its host. Throws one `config` error with all problems of the project, unless what is
 * wrong shall be left out. A source that does not answer is a warning; what it alone could tell stays unknown.
 */
export async function openCatalogue(
  host: OpenedHost,
  read: LoadResult,
  { askSources = true, leaveOutWrong = false, signal }: CatalogueOptions = {},
): Promise<OpenedCatalogue> {
  const project = readable(read, { leaveOutWrong });
  const wrong = wrongChecks(project);
  if (wrong.length > 0 && !leaveOutWrong) throw projectError(wrong);
  // Who only reads does not need a lake that can be written: what works under a lease or starts a run registers again.
  await host.owner.register().catch((error: unknown) => host.warn(notRegistered(error)));
  const kinds = await loadKinds();
  const adapters = lazyAdapters(project, kinds);
  try {
    const inquiry: Inquiry = {
      host,
      project,
      adapters: askSources ? adapters : undefined,
      signal: signal ?? new AbortController().signal,
      answers: new Map(),
    };
    const tables = await sourceTables(inquiry);
    const resolved = async (columns: BronzeColumns): Promise<Project> => {
      if (!leaveOutWrong) return resolveProject(project, host.engine, columns, read);
      const right = await resolveWhatIsRight(project, host.engine, columns, read);
      const harmless = new Set(read.unset.map(({ problem }) => problem));
      for (const problem of sortProblems([...right.problems, ...wrong]))
        if (!harmless.has(problem)) host.warn(problemLine(problem));
      return withoutBadSinks(right.project, tables, host.warn);
    };
    const resolve = onceFor(async (columns: BronzeColumns) => {
      const catalogue = catalogueOf({ tables, columns, adapters, refresh }, await resolved(columns));
      if (leaveOutWrong) return catalogue;
      const shared = sharedTargets(catalogue.project, catalogue.graph, kinds);
      if (shared.length > 0) throw projectError(shared);
      return catalogue;
    });
    const refresh = async (): Promise<Catalogue> => resolve(await bronzeColumns(inquiry, tables));
    return { ...(await refresh()), close: adapters.close };
  } catch (error) {
    await adapters.close().catch(() => undefined);
    throw error;
  }
}

interface Parts {
  readonly tables: SourceTables;
  readonly columns: BronzeColumns;
  readonly adapters: Adapters;
  readonly refresh: Catalogue["refresh"];
}

function catalogueOf({ tables, columns, adapters, refresh }: Parts, project: Project): Catalogue {
  const declared = declaredTables(tables);
  const bronze = declared.map((origin): Dataset => {
    const name = bronzeName(origin.source, origin.table);
    return { ...placeOf(name), columns: columns[name] ?? [], model: undefined, origin };
  });
  const models = project.models.map(
    (model): Dataset => ({ ...placeOf(model.dataset), columns: model.schema, model, origin: undefined }),
  );
  return {
    project,
    tables,
    datasets: new Map([...bronze, ...models].map((dataset) => [dataset.name, dataset])),
    graph: projectGraph(project, declared),
    adapters,
    refresh,
  };
}

function placeOf(name: string): Pick<Dataset, "name" | "layer" | "home"> {
  return { name, layer: layerOf(name) ?? "bronze", home: homeOf(name) };
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

/** What could be read of a project. Throws `config` when that is too little. */
export function readable(read: LoadResult, { leaveOutWrong = false }: CatalogueOptions): Project {
  const { project, problems, ofParts } = read;
  if (project === undefined || (ofParts.length > 0 && !leaveOutWrong)) throw projectError(problems);
  return project;
}

function notRegistered(error: unknown): string {
  return `this process could not write its name into the lake, so others do not see that it works: ${messageOf(error)}`;
}

function wrongChecks(project: Project): readonly Problem[] {
  return project.models.flatMap((model) => [
    ...model.checks.flatMap(validateCheck),
    ...problemsInModel(model),
  ]);
}

/** A sink that selects nothing that is there is left out, with a warning. */
function withoutBadSinks(project: Project, tables: SourceTables, warn: OpenedHost["warn"]): Project {
  const declared = declaredTables(tables);
  const works = ([name, sink]: [string, SinkConfig]): boolean => {
    try {
      projectGraph({ ...project, sinks: { [name]: sink } }, declared);
      return true;
    } catch (error) {
      warn(`sink ${name}: ${messageOf(error)}`);
      return false;
    }
  };
  return { ...project, sinks: Object.fromEntries(Object.entries(project.sinks).filter(works)) };
}

function declaredTables(tables: SourceTables): readonly DeclaredTable[] {
  return Object.entries(tables).flatMap(([source, list]) =>
    list.map(({ name }) => ({ source, table: name })),
  );
}
