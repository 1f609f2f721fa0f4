/** A loaded project -> a project whose models know their inputs, columns and parameters. */
import { join } from "node:path";
import type { CheckSpec } from "../api/checks.ts";
import type { Column, Engine } from "../engine/engine.ts";
import { onOneEngine } from "../engine/instance.ts";
import { type Names, namesOf, queryTree } from "../engine/introspect.ts";
import { lex } from "../engine/lexer.ts";
import { walk } from "../engine/query-tree.ts";
import { nameOf } from "../engine/rewrite.ts";
import { bronzeTables } from "../project/bronze-tables.ts";
import { at, unknownName } from "../project/issues.ts";
import { type LoadResult, projectError } from "../project/load.ts";
import type { Model, Project } from "../project/project.ts";
import type { Problem } from "../util/errors.ts";
import { dependencyOrder } from "../util/topological.ts";
import { cached } from "./cache.ts";
import {
  constantTables,
  type FunctionFacts,
  functionFacts,
  mayBeCalls,
  unstableFunction,
  unstableNames,
} from "./determinism.ts";
import { type ResolveContext, resolveSchema } from "./resolve-model.ts";
import { checkReferences, checkSqlChecks, checkTestRows, type SqlReads } from "./resolve-references.ts";
import { withScratch } from "./scratch.ts";
import { sqlProblem } from "./sql-problem.ts";

/** Columns of datasets by name. */
export type Schemas = Readonly<Record<string, readonly Column[]>>;

/** Counts up when models are checked for more than before, so that answers kept by an older release are not read. */
const rules = 3;

interface Resolved {
  readonly resolved: Readonly<Record<string, Pick<Model, "dependencies" | "schema">>>;
  readonly problems: readonly Problem[];
  /** Models that read each other in a circle. */
  readonly circular: readonly string[];
  /** What queries and checks read. */
  readonly reads: SqlReads;
}

/**
 * Fills `dependencies` and `schema` of every model by the engine's parser, and checks everything that names a dataset or a
 * column. `bronzeSchemas` holds the columns of the bronze datasets that exist; a model that reads one without columns yet, also
 * through others, keeps an empty schema and is checked when they are known.
 * Throws one `config` error with all problems, also those of `loaded`, the result of `readProject`. Costs no engine call when nothing has changed since the last time.
 */
export async function resolveProject(
  project: Project,
  engine: Engine,
  bronzeSchemas: Schemas,
  loaded: Pick<LoadResult, "problems" | "broken"> = { problems: [], broken: [] },
): Promise<Project> {
  const { project: resolved, problems } = await resolveWhatIsRight(project, engine, bronzeSchemas, loaded);
  if (problems.length > 0) throw projectError(problems);
  return resolved;
}

/** A project as far as it could be resolved. */
export interface PartlyResolved {
  /** Models that read each other in a circle are left out; one with another problem may have no inputs and no columns. */
  readonly project: Project;
  /** All problems; none: the project is complete. */
  readonly problems: readonly Problem[];
}

/** Like `resolveProject`, but gives back the problems beside what is right. */
export async function resolveWhatIsRight(
  project: Project,
  engine: Engine,
  bronzeSchemas: Schemas,
  loaded: Pick<LoadResult, "problems" | "broken"> = { problems: [], broken: [] },
): Promise<PartlyResolved> {
  const { models, queries, unitTests, sources } = project;
  const known = bronzeTables(sources).map(({ dataset }) => dataset);
  const { problems: found, broken } = loaded;
  const key = [
    rules,
    engine.version,
    models,
    queries,
    unitTests,
    known,
    bronzeSchemas,
    { problems: found, broken },
  ];
  const { resolved, problems, circular, reads } = await cached(
    join(project.stateDir, "cache"),
    { name: "project", key, isWorthKeeping: (value: Resolved) => value.problems.length === 0 },
    () => onOneEngine(engine, () => resolve(project, engine, { bronze: bronzeSchemas, loaded })),
  );
  const straight = models.filter(({ dataset }) => !circular.includes(dataset));
  const complete = straight.map((model) => ({
    ...model,
    ...resolved[model.dataset],
    checks: model.checks.map((check) => withReads(check, reads)),
  }));
  const told = queries.map((query) => ({ ...query, reads: reads.queries[query.name] ?? [] }));
  return { project: { ...project, models: complete, queries: told }, problems };
}

function withReads(check: CheckSpec, { checks }: SqlReads): CheckSpec {
  const reads = check.type === "sql" ? checks[check.location] : undefined;
  return reads === undefined ? check : { ...check, reads };
}

interface Known {
  readonly bronze: Schemas;
  readonly loaded: Pick<LoadResult, "problems" | "broken">;
}

async function resolve(project: Project, engine: Engine, { bronze, loaded }: Known): Promise<Resolved> {
  const problems: Problem[] = [...loaded.problems];
  const configured = bronzeTables(project.sources).map(({ dataset }) => dataset);
  const datasets = [
    ...new Set([
      ...project.models.map(({ dataset }) => dataset),
      ...loaded.broken,
      ...configured,
      ...Object.keys(bronze),
    ]),
  ];
  const names = await readNames(project.models, engine, datasets, problems);
  const inputs = new Map(
    [...names].map(([dataset, read]) => [dataset, read.datasets.filter((t) => datasets.includes(t))]),
  );
  const { order, cycles } = dependencyOrder(inputs);
  for (const cycle of cycles) problems.push(cycleProblem(cycle, project.models));
  const isRead = new Set([...inputs.values()].flat());
  const schemas = new Map<string, readonly Column[]>();
  const reads = await withScratch(engine, async (scratch) => {
    const context: ResolveContext = { engine, scratch, dir: project.dir, datasets, problems };
    for (const [dataset, columns] of Object.entries(bronze)) {
      if (columns.length === 0) continue;
      if (isRead.has(dataset)) await scratch.create(dataset, columns);
      schemas.set(dataset, columns);
    }
    for (const dataset of order) {
      const model = project.models.find((model) => model.dataset === dataset);
      if (!model || !(inputs.get(dataset) ?? []).every((input) => scratch.has(input))) continue;
      const schema = await resolveSchema(model, context);
      if (!schema) continue;
      problems.push(...(await hiddenCalls(model, names.get(dataset), context)));
      schemas.set(dataset, schema);
      if (isRead.has(dataset) && !scratch.has(dataset)) await scratch.create(dataset, schema);
    }
    checkReferences(project.models, schemas, context);
    checkTestRows(project.unitTests, schemas, context);
    return checkSqlChecks(project, schemas, context);
  });
  const resolved = [...inputs].map(
    ([dataset, dependencies]) => [dataset, { dependencies, schema: schemas.get(dataset) ?? [] }] as const,
  );
  return { resolved: Object.fromEntries(resolved), problems, circular: cycles.flat(), reads };
}

/** What each model reads and calls. Models with a syntax error or a forbidden name are left out, with a problem. */
async function readNames(
  models: readonly Model[],
  engine: Engine,
  datasets: readonly string[],
  problems: Problem[],
): Promise<Map<string, Names>> {
  const facts = await functionFacts(engine);
  const found = new Map<string, Names>();
  for (const model of models) {
    try {
      const names = await namesOf(engine, model.sql);
      const wrong = nameProblems(model, names, { datasets, facts });
      problems.push(...wrong);
      if (wrong.length === 0) found.set(model.dataset, names);
    } catch (error) {
      problems.push(sqlProblem(error, model));
    }
  }
  return found;
}

function nameProblems(
  model: Model,
  names: Names,
  { datasets, facts }: { readonly datasets: readonly string[]; readonly facts: FunctionFacts },
): Problem[] {
  const line = (name: string) => at(model.file, lineOf(model, name));
  const unknown = names.datasets
    .filter((name) => !datasets.includes(name) && !constantTables.has(name))
    .map((name) => ({
      ...unknownName(`dataset "${name}"`, name, datasets, ""),
      ...line(name.split(".").at(-1) ?? name),
    }));
  const unstable = unstableNames(names, model.sql, facts).map(({ name, message, hint }) => ({
    message,
    hint,
    ...line(name),
  }));
  return [...unknown, ...unstable];
}

/** `SELECT today` calls a function where no column is called today: the engine's resolved tree tells. */
async function hiddenCalls(
  model: Model,
  names: Names | undefined,
  { engine, scratch }: Pick<ResolveContext, "engine" | "scratch">,
): Promise<Problem[]> {
  const facts = await functionFacts(engine);
  if (names === undefined || !mayBeCalls(names, facts)) return [];
  const tree = await queryTree(engine, scratch.rewrite(model.sql));
  const called = [...walk(tree)].flatMap((node) => node.attributes["function_name"] ?? []);
  const hidden = [...new Set(called.filter((name) => facts.unstable.has(name.toLowerCase())))];
  return hidden.map(unstableFunction).map(({ name, message, hint }) => ({
    message,
    hint,
    ...at(model.file, lineOf(model, name)),
  }));
}

function lineOf({ sql, sqlLine }: Model, name: string): number {
  const token = lex(sql).find((token) => nameOf(token).toLowerCase() === name.toLowerCase());
  return token === undefined ? sqlLine : sqlLine + sql.slice(0, token.start).split("\n").length - 1;
}

function cycleProblem(cycle: readonly string[], models: readonly Model[]): Problem {
  const model = models.find(({ dataset }) => dataset === cycle[0]);
  const input = cycle[1]?.split(".").at(-1) ?? "";
  return {
    message: `models read each other in a circle: ${cycle.join(" -> ")}`,
    hint: "take one of these reads out",
    ...(model ? at(model.file, lineOf(model, input)) : {}),
  };
}
