/** The project as resolved at one moment: the one truth of what its datasets are and which columns they have. */
import { resolveProject } from "../analysis/resolve.ts";
import { bronzeName, homeOf, layerOf } from "../api/datasets.ts";
import { type Adapters, type Catalogue, type Dataset, projectGraph } from "../pipeline/index.ts";
import { type LoadResult, projectError } from "../project/load.ts";
import type { Project } from "../project/project.ts";
import { namedDatasets } from "../quality/bind-tables.ts";
import { problemsInModel, validateCheck } from "../quality/validate.ts";
import { lazyAdapters } from "./adapters.ts";
import type { OpenedHost } from "./host.ts";
import { loadKinds } from "./kinds.ts";
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

export interface CatalogueOptions {
  /** False: no source is asked; what only a source could tell stays unknown. Default true. */
  readonly askSources?: boolean;
}

/**
 * Resolves what was read of a project on its host. Throws one `config` error with all problems of the project.
 * A source that does not answer is a warning; what it alone could tell stays unknown.
 */
export async function openCatalogue(
  host: OpenedHost,
  read: LoadResult,
  { askSources = true }: CatalogueOptions = {},
): Promise<OpenedCatalogue> {
  const { project } = read;
  if (project === undefined) throw projectError(read.problems);
  refuseBadChecks(project);
  await host.owner.register();
  const adapters = lazyAdapters(project, await loadKinds());
  try {
    const inquiry: Inquiry = {
      host,
      project,
      adapters: askSources ? adapters : undefined,
      read: project.models.flatMap(({ sql }) => namedDatasets(sql)),
    };
    const tables = await sourceTables(inquiry);
    const resolve = onceFor(async (columns: BronzeColumns) =>
      catalogueOf(
        { tables, columns, adapters, refresh },
        await resolveProject(project, host.engine, columns, read),
      ),
    );
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
  const declared = Object.entries(tables).flatMap(([source, list]) =>
    list.map(({ name }) => ({ source, table: name })),
  );
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

function refuseBadChecks(project: Project): void {
  const problems = project.models.flatMap((model) => [
    ...model.checks.flatMap(validateCheck),
    ...problemsInModel(model),
  ]);
  if (problems.length > 0) throw projectError(problems);
}
