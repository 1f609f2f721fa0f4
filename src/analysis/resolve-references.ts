/** Names that point from one file to another: relationships, free-form checks, queries, rows of unit tests. */
import { layerOf } from "../api/datasets.ts";
import type { Column } from "../engine/engine.ts";
import { describe, type Params, sampleParameters, tablesOf } from "../engine/introspect.ts";
import { at, unknownName } from "../project/issues.ts";
import type { Model, NamedQuery, Project, UnitTest } from "../project/project.ts";
import type { ResolveContext } from "./resolve-model.ts";
import { type SqlPlace, sqlProblem } from "./sql-problem.ts";

type SchemaMap = ReadonlyMap<string, readonly Column[]>;

/** `relationships: { to: dataset.column }` must exist. */
export function checkReferences(
  models: readonly Model[],
  schemas: SchemaMap,
  { datasets, problems }: ResolveContext,
): void {
  for (const check of models.flatMap(({ checks }) => checks)) {
    const to = check.arguments["to"];
    if (check.type !== "relationships" || typeof to !== "string") continue;
    const [file = "", line] = check.location.split(/:(?=\d+$)/);
    const dot = to.lastIndexOf(".");
    const [dataset, column] = [to.slice(0, dot), to.slice(dot + 1)];
    const columns = schemas.get(dataset)?.map(({ name }) => name);
    const problem = !datasets.includes(dataset)
      ? unknownName(`dataset "${dataset}"`, dataset, datasets, `check ${check.name}`)
      : columns && !columns.includes(column)
        ? unknownName(`column "${column}" of ${dataset}`, column, columns, `check ${check.name}`)
        : undefined;
    if (problem) problems.push({ ...problem, ...at(file, line === undefined ? undefined : Number(line)) });
  }
}

/** Given and expected rows of unit tests must use columns that exist. */
export function checkTestRows(
  tests: readonly UnitTest[],
  schemas: SchemaMap,
  { problems }: ResolveContext,
): void {
  for (const { name, file, line, model, given, expect } of tests) {
    for (const [dataset, rows] of [...Object.entries(given), [model, expect] as const]) {
      const known = schemas.get(dataset)?.map(({ name }) => name);
      if (!known) continue;
      for (const column of new Set(rows.flatMap((row) => Object.keys(row))))
        if (!known.includes(column))
          problems.push({
            ...unknownName(`column "${column}" of ${dataset}`, column, known, `test ${name}`),
            ...at(file, line),
          });
    }
  }
}

/** Datasets that SQL beside the models reads, sorted. */
export interface SqlReads {
  /** Of named queries, by name. */
  readonly queries: Readonly<Record<string, readonly string[]>>;
  /** Of free-form checks, by their location. */
  readonly checks: Readonly<Record<string, readonly string[]>>;
}

/** Free-form checks and named queries must be SELECTs over columns that exist. Gives what they read. */
export async function checkSqlChecks(
  { models, queries }: Project,
  schemas: SchemaMap,
  resolve: ResolveContext,
): Promise<SqlReads> {
  const context = { ...resolve, schemas };
  const ofChecks: [string, readonly string[]][] = [];
  const ofQueries: [string, readonly string[]][] = [];
  for (const check of models.flatMap(({ checks }) => checks)) {
    const sql = check.arguments["sql"];
    if (check.type !== "sql" || typeof sql !== "string") continue;
    const [file = "", line = "1"] = check.location.split(/:(?=\d+$)/);
    ofChecks.push([check.location, await checkSelect({ file, sql, sqlLine: Number(line) }, {}, context)]);
  }
  for (const query of queries) {
    const isFixed = !Object.values(query.parameters).some(({ type }) => type === "Identifier");
    const params = defaults(query);
    ofQueries.push([
      query.name,
      await checkSelect(query, isFixed ? { params } : { namesOnly: true }, context),
    ]);
  }
  return { queries: Object.fromEntries(ofQueries), checks: Object.fromEntries(ofChecks) };
}

function defaults({ parameters }: NamedQuery): Params {
  const types = Object.fromEntries(Object.entries(parameters).map(([name, { type }]) => [name, type]));
  const given = Object.entries(parameters).flatMap(([name, parameter]) =>
    parameter.default === undefined ? [] : [[name, parameter.default]],
  );
  return { ...sampleParameters(types), ...Object.fromEntries(given) };
}

interface SelectToCheck {
  readonly params?: Params;
  /** True for a statement whose tables depend on a parameter: its columns are not looked at. Default false. */
  readonly namesOnly?: boolean;
}

/**
 * Datasets of unknown columns, and tables that are no datasets (`ops`, `system`), leave the statement to its run. Gives the
 * datasets it reads; none when it cannot be parsed.
 */
async function checkSelect(
  place: SqlPlace,
  { params, namesOnly = false }: SelectToCheck,
  context: ResolveContext & { readonly schemas: SchemaMap },
): Promise<readonly string[]> {
  const { engine, scratch, datasets, problems, schemas } = context;
  let layered: readonly string[] = [];
  try {
    const tables = await tablesOf(engine, place.sql);
    layered = tables.filter((name) => layerOf(name) !== undefined);
    if (namesOnly) return layered;
    const unknown = layered.filter((name) => !datasets.includes(name));
    for (const name of unknown)
      problems.push({
        ...unknownName(`dataset "${name}"`, name, datasets, ""),
        ...at(place.file, place.sqlLine),
      });
    if (unknown.length > 0 || !tables.every((name) => schemas.has(name))) return layered;
    for (const name of tables) if (!scratch.has(name)) await scratch.create(name, schemas.get(name) ?? []);
    await describe(engine, scratch.rewrite(place.sql), params);
  } catch (error) {
    if (!namesOnly) problems.push(sqlProblem(error, { ...place, datasets, plain: scratch.plain }));
  }
  return layered;
}
