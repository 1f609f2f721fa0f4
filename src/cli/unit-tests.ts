/** Runs unit tests of models on the engine: given rows in, the rows that a run would publish out. */
import type { Column, Engine, QueryOptions } from "../engine/engine.ts";
import { rewriteTables } from "../engine/rewrite.ts";
import { ident, idents, table, text } from "../engine/sql.ts";
import type { Model, UnitTest } from "../project/project.ts";
import { stageRows } from "../quality/staging.ts";
import { messageOf } from "../util/errors.ts";

export interface UnitTestResult {
  readonly name: string;
  readonly model: string;
  /** "tests/daily_sales.yaml:1" */
  readonly location: string;
  readonly success: boolean;
  /** Expected rows that did not come, as JSON. */
  readonly missing: readonly string[];
  /** Rows that came and were not expected. */
  readonly unexpected: readonly string[];
  /** The engine's own words, when the model could not be run. */
  readonly error: string | undefined;
}

export interface UnitTestContext {
  readonly engine: Engine;
  /** Resolved. */
  readonly model: Model;
  /** Columns of an input; empty: taken from the given rows, all text. */
  columnsOf(dataset: string): Promise<readonly Column[]>;
  readonly newId: () => string;
}

type Row = Readonly<Record<string, unknown>>;

const reading = { date_time_input_format: "best_effort", input_format_null_as_default: 0 };

/** One test in databases of its own, which are dropped afterwards. Compared are the columns that `expect` names, in any order of rows. */
export async function runUnitTest(test: UnitTest, context: UnitTestContext): Promise<UnitTestResult> {
  const { engine, model, newId } = context;
  const prefix = `test_${newId()}_`;
  const layers = [...new Set(model.dependencies.map((dataset) => dataset.slice(0, dataset.indexOf("."))))];
  const result = { name: test.name, model: test.model, location: `${test.file}:${test.line}` };
  try {
    for (const layer of layers)
      await engine.command(`CREATE DATABASE ${ident(prefix + layer)} ENGINE = Memory`);
    for (const dataset of model.dependencies)
      await give(test.given[dataset] ?? [], { dataset, prefix, context });
    const names = Object.fromEntries(model.dependencies.map((dataset) => [dataset, prefix + dataset]));
    const actual = await publishedRows(engine, { ...model, sql: rewriteTables(model.sql, names) }, test);
    const expected = await expectedRows(engine, model, test);
    const missing = without(expected, actual);
    const unexpected = without(actual, expected);
    return {
      ...result,
      success: missing.length + unexpected.length === 0,
      missing,
      unexpected,
      error: undefined,
    };
  } catch (error) {
    const told = messageOf(error).replaceAll(prefix, "");
    return { ...result, success: false, missing: [], unexpected: [], error: told };
  } finally {
    for (const layer of layers) await engine.command(`DROP DATABASE IF EXISTS ${ident(prefix + layer)}`);
  }
}

interface Given {
  readonly dataset: string;
  readonly prefix: string;
  readonly context: UnitTestContext;
}

/** Columns that a given row leaves out are NULL where they may be, else empty or 0. */
async function give(rows: readonly Row[], { dataset, prefix, context }: Given): Promise<void> {
  const known = await context.columnsOf(dataset);
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const columns = known.length > 0 ? known : names.map((name) => ({ name, type: "Nullable(String)" }));
  const target = table(prefix + dataset);
  await context.engine.command(`CREATE TABLE ${target} (${structure(columns)}) ENGINE = Memory`);
  if (rows.length > 0)
    await context.engine.command(`INSERT INTO ${target} SELECT * FROM ${rowsAsTable(rows, columns)}`, {
      settings: reading,
    });
}

/** What a run would publish: rules, casts and the newest version of a key applied. */
async function publishedRows(engine: Engine, model: Model, test: UnitTest): Promise<readonly string[]> {
  const options = { params: test.parameters };
  let rows: readonly string[] = [];
  await stageRows(
    engine,
    model,
    {
      write: async (select) => {
        const all = await compared(engine, `(${select})`, test, options);
        rows = all;
        return all.length;
      },
      reject: async (guarded) => {
        const [counted] = await engine.rows<{ rows: string }>(
          `SELECT count() AS rows FROM (${guarded}) WHERE _reject != ''`,
          options,
        );
        return Number(counted?.rows ?? 0);
      },
    },
    options,
  );
  return rows;
}

function expectedRows(engine: Engine, model: Model, test: UnitTest): Promise<readonly string[]> {
  const names = comparedNames(test);
  const columns = model.schema.filter((column) => names.includes(column.name));
  if (test.expect.length === 0) return Promise.resolve([]);
  return compared(engine, rowsAsTable(test.expect, columns), test, { settings: reading });
}

/** Rows as the engine prints them, so that 4.00 and 4 of one type are the same. */
async function compared(
  engine: Engine,
  from: string,
  test: UnitTest,
  options: QueryOptions,
): Promise<readonly string[]> {
  const names = comparedNames(test);
  const columns = names.length === 0 ? "*" : idents(names);
  const rows = await engine.rows(`SELECT ${columns} FROM ${from}`, options);
  return rows.map((row) => JSON.stringify(row));
}

/** Columns that any expected row names. */
function comparedNames(test: UnitTest): readonly string[] {
  return [...new Set(test.expect.flatMap((row) => Object.keys(row)))];
}

function rowsAsTable(rows: readonly Row[], columns: readonly Column[]): string {
  const lines = rows.map((row) => JSON.stringify(row)).join("\n");
  return `format(JSONEachRow, ${text(structure(columns))}, ${text(lines)})`;
}

function structure(columns: readonly Column[]): string {
  return columns.map((column) => `${ident(column.name)} ${column.type}`).join(", ");
}

/** The rows of one bag that the other does not have, counting doubles. */
function without(rows: readonly string[], others: readonly string[]): readonly string[] {
  const left = [...others];
  return rows.filter((row) => {
    const index = left.indexOf(row);
    if (index < 0) return true;
    left.splice(index, 1);
    return false;
  });
}
