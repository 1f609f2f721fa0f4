/** Runs tests/*.yaml: given rows become tables, the model's SELECT runs over them, its rows are compared with the expected ones. */
import type { Column, Engine } from "../engine/engine.ts";
import { describe } from "../engine/introspect.ts";
import { idents, table } from "../engine/sql.ts";
import type { Model, Project, UnitTest } from "../project/project.ts";
import { messageOf, ShoplakeError } from "../util/errors.ts";
import type { Schemas } from "./resolve.ts";
import { type Scratch, withScratch } from "./scratch.ts";
import { sqlProblem } from "./sql-problem.ts";

type Row = Readonly<Record<string, unknown>>;

/** What became of one test. */
export interface UnitTestResult {
  /** As the file gives it. */
  readonly name: string;
  /** Dataset of the model that was tested. */
  readonly model: string;
  /** "tests/orders.yaml:3" */
  readonly location: string;
  /** `error`: the test could not be run. */
  readonly status: "pass" | "fail" | "error";
  /** One line. */
  readonly message: string;
  /** Expected rows that did not come, with the values as the engine prints them. */
  readonly missing: readonly Row[];
  /** Rows that came and were not expected. */
  readonly unexpected: readonly Row[];
}

/**
 * Runs the project's unit tests one after the other and reports each as it ends. The project must be resolved. Only the
 * SELECT is tested: `newest_by`, row rules and declared types come later. Rows are compared without order, by the columns that
 * the expected rows name, with values as the model's column types print them. A given row may leave columns out (NULL or the
 * type's default). `bronze` holds the columns of bronze datasets; of one that is not there, all columns are texts.
 */
export async function* runUnitTests(
  project: Project,
  engine: Engine,
  { bronze = {}, only }: { readonly bronze?: Schemas; readonly only?: (test: UnitTest) => boolean } = {},
): AsyncGenerator<UnitTestResult> {
  const modelSchemas = project.models.map(({ dataset, schema }) => [dataset, schema] as const);
  const schemas: Schemas = { ...bronze, ...Object.fromEntries(modelSchemas) };
  for (const test of project.unitTests) {
    if (only && !only(test)) continue;
    const model = project.models.find(({ dataset }) => dataset === test.model);
    if (model) yield await runUnitTest(test, model, { project, engine, schemas });
  }
}

interface TestContext {
  readonly project: Project;
  readonly engine: Engine;
  readonly schemas: Schemas;
}

async function runUnitTest(test: UnitTest, model: Model, context: TestContext): Promise<UnitTestResult> {
  const base = { name: test.name, model: test.model, location: `${test.file}:${test.line}` };
  try {
    const { missing, unexpected } = await withScratch(context.engine, (scratch) =>
      compare(test, model, { ...context, scratch }),
    );
    if (missing.length + unexpected.length === 0)
      return {
        ...base,
        status: "pass",
        message: `${test.expect.length} rows as expected`,
        missing,
        unexpected,
      };
    const message = `${missing.length} expected rows are missing, ${unexpected.length} rows are unexpected`;
    return { ...base, status: "fail", message, missing, unexpected };
  } catch (error) {
    return { ...base, status: "error", message: whatWentWrong(error, model), missing: [], unexpected: [] };
  }
}

function whatWentWrong(error: unknown, model: Model): string {
  if (!(error instanceof ShoplakeError) || error.code !== "engine") return messageOf(error);
  return sqlProblem(error, model).message;
}

interface CompareContext extends TestContext {
  readonly scratch: Scratch;
}

async function compare(test: UnitTest, model: Model, context: CompareContext) {
  const { engine, scratch, schemas, project } = context;
  for (const dataset of new Set([...model.dependencies, ...Object.keys(test.given)]))
    await fill(dataset, test.given[dataset], context);
  const params = parametersFor(test, model, project);
  const sql = scratch.rewrite(model.sql);
  const known = schemas[model.dataset] ?? [];
  const schema = known.length > 0 ? known : await describe(engine, sql, params);
  const columns = comparedColumns(test.expect, schema);
  await scratch.create("expected.rows", columns);
  await scratch.create("actual.rows", columns);
  const [expected, actual] = [scratch.tableName("expected.rows"), scratch.tableName("actual.rows")];
  await insert(engine, expected, test.expect);
  const names = idents(columns.map(({ name }) => name));
  await engine.command(`INSERT INTO ${table(actual)} (${names}) SELECT ${names} FROM (\n${sql}\n)`, {
    params,
  });
  const rows = (from: string) => engine.rows<Row>(`SELECT * FROM ${table(from)}`);
  return difference(await rows(expected), await rows(actual));
}

/** Makes the table of an input and inserts its rows. */
async function fill(dataset: string, rows: readonly Row[] = [], context: CompareContext): Promise<void> {
  const known = context.schemas[dataset] ?? [];
  if (known.length === 0 && rows.length === 0)
    throw new ShoplakeError("config", `the columns of ${dataset} are not known yet`, {
      hint: `give it at least one row, or run once so that ${dataset} exists`,
    });
  const columns = known.length > 0 ? known : textColumns(rows);
  await context.scratch.create(dataset, columns);
  await insert(context.engine, context.scratch.tableName(dataset), rows);
}

function textColumns(rows: readonly Row[]): Column[] {
  const names = new Set(rows.flatMap((row) => Object.keys(row)));
  return [...names].map((name) => ({ name, type: "Nullable(String)" }));
}

async function insert(engine: Engine, into: string, rows: readonly Row[]): Promise<void> {
  if (rows.length === 0) return;
  await engine.insert(into, rows, {
    settings: { input_format_skip_unknown_fields: 0, date_time_input_format: "best_effort" },
  });
}

function parametersFor(test: UnitTest, model: Model, { timezone, currency }: CompareContext["project"]) {
  const given: Record<string, string> = { timezone, currency, ...test.parameters };
  const names = Object.keys(model.parameters);
  const missing = names.filter((name) => !(name in given));
  if (missing.length > 0)
    throw new ShoplakeError(
      "config",
      `no value for ${missing.map((name) => `parameter ${name}`).join(", ")}`,
      {
        hint: "add parameters: { name: value } to the test",
      },
    );
  return Object.fromEntries(names.map((name) => [name, given[name] ?? ""]));
}

function comparedColumns(expected: readonly Row[], schema: readonly Column[]): readonly Column[] {
  const named = new Set(expected.flatMap((row) => Object.keys(row)));
  return named.size === 0 ? schema : schema.filter(({ name }) => named.has(name));
}

/** Both as multisets. */
function difference(expected: readonly Row[], actual: readonly Row[]) {
  const left = new Map<string, number>();
  for (const row of actual) left.set(JSON.stringify(row), (left.get(JSON.stringify(row)) ?? 0) + 1);
  const take = (row: Row): boolean => {
    const text = JSON.stringify(row);
    const count = left.get(text) ?? 0;
    left.set(text, count - 1);
    return count > 0;
  };
  const missing = expected.filter((row) => !take(row));
  const unexpected = [...left].flatMap(([text, count]) =>
    Array.from({ length: Math.max(0, count) }, (): Row => JSON.parse(text)),
  );
  return { missing, unexpected };
}

/** The difference for a person: expected rows that are missing with "-", unexpected ones with "+", values in columns. */
export function renderDifference({ missing, unexpected }: UnitTestResult): string[] {
  const marked = [
    ...missing.map((row) => ["-", row] as const),
    ...unexpected.map((row) => ["+", row] as const),
  ];
  const names = Object.keys(marked[0]?.[1] ?? {});
  const lines = [
    ["", ...names],
    ...marked.map(([mark, row]) => [mark, ...names.map((name) => shown(row[name]))]),
  ];
  const widths = ["", ...names].map((_, i) => Math.max(...lines.map((line) => line[i]?.length ?? 0)));
  return lines.map((line) =>
    line
      .map((value, i) => value.padEnd(widths[i] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

function shown(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
