/** What the engine's own parser says about SQL: the tables it reads, the columns it yields, its query tree. */
import { ShoplakeError } from "../util/errors.ts";
import type { Column, Engine, ParameterValue } from "./engine.ts";
import { parametersOf } from "./parameters.ts";
import { parseQueryTree, type TreeNode } from "./query-tree.ts";
import { rewriteTables } from "./rewrite.ts";
import { type SyntaxNames, syntaxNames } from "./syntax-names.ts";
import { parseSyntaxTree } from "./syntax-tree.ts";

/** Values of placeholders. */
export type Params = Readonly<Record<string, ParameterValue>>;

/** Names in a SELECT as they are written, nothing resolved. */
export interface Names extends SyntaxNames {
  /** Tables that are read, with two parts, also those behind IN; sorted, each once. */
  readonly datasets: readonly string[];
}

/**
 * The tables that a SELECT reads, as written ("silver.orders"), sorted. Names of one part are CTEs or temporary tables and are
 * left out. Nothing needs to exist. Throws the engine's syntax error, and `model` for anything that is not one SELECT.
 * Parameters need no values.
 */
export async function tablesOf(engine: Engine, sql: string): Promise<readonly string[]> {
  return (await namesOf(engine, sql)).datasets;
}

/** Like `tablesOf`, with the functions that are called and everything else that names something of the engine. */
export async function namesOf(engine: Engine, sql: string): Promise<Names> {
  const ast = await explain(engine, "AST", sql, sampleParameters(parametersOf(sql)));
  if (!/^SelectWithUnionQuery|^SelectIntersectExceptQuery/.test(ast))
    throw new ShoplakeError("model", "not a SELECT");
  const names = syntaxNames(parseSyntaxTree(ast.split("\n")));
  return { ...names, datasets: datasetsIn(names) };
}

/** Behind IN, a name that begins with a table or alias of the statement is a column. */
function datasetsIn({ tables, tablesAfterIn, aliases }: SyntaxNames): string[] {
  const qualifiers = new Set([...aliases, ...tables.map((name) => name.slice(name.indexOf(".") + 1))]);
  const afterIn = tablesAfterIn.filter((name) => !qualifiers.has(name.slice(0, name.indexOf("."))));
  const read = [...tables, ...afterIn].filter((name) => name.includes("."));
  return [...new Set(read)].sort();
}

/** Columns that a SELECT yields, without running it. Its tables must exist. */
export async function describe(engine: Engine, sql: string, params?: Params): Promise<Column[]> {
  const values = params ?? sampleParameters(parametersOf(sql));
  const rows = await engine.rows<Column>(`DESCRIBE (\n${sql}\n)`, { params: values });
  return rows.map(({ name, type }) => ({ name, type }));
}

/** How a tree is asked for. */
export interface QueryTreeOptions {
  /** Default: none. */
  readonly params?: Params;
  /** false: names as written, nothing resolved, no table needs to exist. Default true. */
  readonly resolved?: boolean;
}

/** The query tree after name resolution, before any optimisation. */
export async function queryTree(
  engine: Engine,
  sql: string,
  { params, resolved = true }: QueryTreeOptions = {},
): Promise<TreeNode> {
  const what = `QUERY TREE ${resolved ? "passes = 1" : "run_passes = 0"}`;
  return parseQueryTree(await explain(engine, what, sql, params ?? sampleParameters(parametersOf(sql))));
}

/** Like `rewriteTables`, and asks the engine's parser whether exactly the wanted tables changed. */
export async function rewriteTablesChecked(
  engine: Engine,
  sql: string,
  map: Readonly<Record<string, string>>,
): Promise<string> {
  const rewritten = rewriteTables(sql, map);
  const expected = new Set((await tablesOf(engine, sql)).map((name) => map[name] ?? name));
  const found = await tablesOf(engine, rewritten);
  if (found.length !== expected.size || found.some((name) => !expected.has(name)))
    throw new ShoplakeError(
      "model",
      `the tables of the statement could not be replaced: found ${found.join(", ")}`,
      {
        allowed: [...expected].sort().join(", "),
        hint: "give the tables plain names and aliases",
      },
    );
  return rewritten;
}

/** The statement starts on a line of its own, so the engine's line n is line n - 1 of `sql`. */
async function explain(engine: Engine, what: string, sql: string, params: Params): Promise<string> {
  const rows = await engine.rows<{ explain: string }>(`EXPLAIN ${what}\n${sql}`, { params });
  return rows.map((row) => row.explain).join("\n");
}

/** A value for each parameter that its type accepts, for statements that are only analysed. */
export function sampleParameters(types: Readonly<Record<string, string>>): Record<string, ParameterValue> {
  return Object.fromEntries(Object.entries(types).map(([name, type]) => [name, sampleValue(type)]));
}

function sampleValue(type: string): ParameterValue {
  const inner = /^(?:Nullable|LowCardinality)\((.*)\)$/.exec(type)?.[1];
  if (inner !== undefined) return sampleValue(inner);
  if (/^Enum/.test(type)) return (/'((?:[^'\\]|\\.|'')*)'/.exec(type)?.[1] ?? "").replaceAll("''", "'");
  const known = samples.find(([pattern]) => pattern.test(type));
  return known ? known[1] : "1";
}

/** "UTC" is text that is also a timezone, the one kind of text that functions refuse while they are analysed. */
const samples: readonly (readonly [RegExp, string])[] = [
  [/^Date(32)?$/, "2020-01-01"],
  [/^DateTime/, "2020-01-01 00:00:00"],
  [/^Bool$/, "true"],
  [/^(String|FixedString)/, "UTC"],
  [/^UUID$/, "00000000-0000-0000-0000-000000000000"],
  [/^IPv4$/, "127.0.0.1"],
  [/^IPv6$/, "::1"],
  [/^Array\(/, "[]"],
  [/^Map\(/, "{}"],
  [/^Identifier$/, "one"],
];
