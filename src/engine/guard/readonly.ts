/**
 * Decides whether SQL from outside (`shoplake query`, BI tools) only reads. The setting `readonly` is no boundary in the
 * embedded engine: the statement itself can lift it. What counts is the engine's own parse tree (EXPLAIN AST), checked
 * against lists of what is allowed; what the tree leaves out (settings, SHOW ... WHERE) is checked on the tokens.
 */
import { ShoplakeError } from "../../util/errors.ts";
import type { Engine, QueryOptions } from "../engine.ts";
import { lex, type Token } from "../lexer.ts";
import { type FunctionRules, functionRules } from "./readonly-functions.ts";

/** Settings to run such a statement with: a second line of defence behind the check. */
export const READ_ONLY_SETTINGS = { readonly: 2 } as const;

const STATEMENTS = new Set(["SELECT", "WITH", "FROM", "(", "SHOW", "DESCRIBE", "DESC", "EXISTS", "EXPLAIN"]);

/** Nodes that hold nothing that is not shown as a node of its own. Functions, tables and settings are looked at one by one. */
const NODES =
  /^(SelectWithUnionQuery|SelectIntersectExceptQuery|SelectQuery|ExpressionList|Literal|Subquery|WithElement|TablesInSelectQuery|TablesInSelectQueryElement|TableExpression|TableJoin|ArrayJoin|Asterisk|QualifiedAsterisk|ColumnsTransformerList|ColumnsExceptTransformer|ColumnsReplaceTransformer|ColumnsReplaceTransformer::Replacement|ColumnsRegexpMatcher|ColumnsListMatcher|QualifiedColumnsRegexpMatcher|QualifiedColumnsListMatcher|OrderByElement|InterpolateElement|WindowDefinition|WindowListElement|SampleRatio|Set|Explain|DescribeQuery|Show\w+|Exists\w+Query)$/;

/** Settings a statement may set for itself: how much it may use, how it reads and writes values. */
const SETTINGS =
  /^(max_(threads|block_size|execution_time|memory_usage|result_rows|result_bytes|rows_to_read|bytes_to_read|rows_to_group_by|bytes_before_external_(group_by|sort))|(output|input)_format_\w+|format_\w+|date_time_\w+|session_timezone|join_use_nulls|join_algorithm|group_by_use_nulls|extremes|limit|offset|final|result_overflow_mode|timeout_overflow_mode|optimize_\w+|enable_analyzer|use_query_cache)$/;

/** Tables of `system` that tell of data and functions, not of other users' work or the machine. */
const SYSTEM_TABLES =
  /^system\.(one|numbers|numbers_mt|zeros|databases|tables|columns|parts|functions|table_functions|formats|data_type_families|contributors|time_zones)(\.|$)/i;

/**
 * Throws a ShoplakeError ("usage") that names the first thing that is not allowed: another statement than SELECT, SHOW,
 * DESCRIBE, EXISTS, EXPLAIN; several statements; a function or table function that may touch files, network, processes or
 * the server; a system table beside the catalogue; a setting beside those above. Views that exist are read as they are.
 * A syntax error is thrown as the engine words it.
 */
export async function assertReadOnly(engine: Engine, sql: string, options: QueryOptions = {}): Promise<void> {
  const tokens = lex(sql);
  checkStatement(tokens);
  const rules = await functionRules(engine);
  checkSettings(tokens);
  checkNames(tokens);
  const tree = await engine.rows<{ explain: string }>(`EXPLAIN AST ${withoutSemicolon(sql)}`, options);
  checkTree(
    tree.map(({ explain }) => explain),
    rules,
  );
  checkCalls(tokens, rules);
}

function checkStatement(tokens: readonly Token[]): void {
  const first = tokens[0]?.upper ?? "";
  if (!STATEMENTS.has(first))
    refuse(tokens[0] ? `${tokens[0].text} is not allowed here` : "There is no statement");
  const last = tokens.findLastIndex((token) => token.text !== ";");
  if (tokens.slice(0, last).some((token) => token.text === ";" && token.kind === "symbol"))
    refuse("Only one statement at a time is allowed here");
  const broken = tokens.find((token) => token.kind === "error");
  if (broken)
    refuse(`A quote or comment is not closed, or a character is not SQL, near ${broken.text.slice(0, 30)}`);
  for (const [i, token] of tokens.entries()) {
    if (token.upper === "OUTFILE" && tokens[i - 1]?.upper === "INTO")
      refuse("INTO OUTFILE is not allowed here");
    if (token.upper === "APPLY" && tokens[i + 1]?.text === "(") refuse("APPLY is not allowed here");
  }
  if ((first === "SHOW" || first === "EXISTS") && tokens.some((token) => token.text === "("))
    refuse(`${first} with an expression is not allowed here`);
}

/** Each SETTINGS clause is a list of `name = value`; EXPLAIN takes such a list before its statement. */
function checkSettings(tokens: readonly Token[]): void {
  for (const [i, token] of tokens.entries()) {
    if (token.upper !== "SETTINGS" || tokens[i + 1]?.kind !== "word" || tokens[i + 2]?.text !== "=") continue;
    for (let at = i + 1; tokens[at + 1]?.text === "="; at += 4) {
      const name = tokens[at]?.text ?? "";
      if (!SETTINGS.test(name)) refuse(`The setting ${name} is not allowed here`);
      if (tokens[at + 2]?.upper === "DEFAULT") refuse(`${name} = DEFAULT is not allowed here`);
      if (tokens[at + 3]?.text !== ",") break;
    }
  }
}

/** Quoted names with line ends or escapes could draw lines of their own in the printed tree. */
function checkNames(tokens: readonly Token[]): void {
  for (const token of tokens) {
    const controls = [...token.text].some((character) => character < " " || character === "\\");
    if (token.kind === "quoted" && controls)
      refuse("A name with a backslash or a line end is not allowed here");
  }
}

function checkTree(lines: readonly string[], rules: FunctionRules): void {
  let parent = "";
  for (const line of lines) {
    const [, node = "", rest = ""] = /^ *(\S+) ?(.*)$/.exec(line) ?? [];
    const name = rest.replace(/ \((children|alias) .*$/, "");
    if (node === "Function") checkFunction(name, parent === "TableExpression", rules);
    else if (node === "TableIdentifier" || node === "Identifier") checkTable(name);
    else if (!NODES.test(node)) refuse(`${node} is not allowed here`);
    parent = node;
  }
}

function checkFunction(name: string, isTable: boolean, rules: FunctionRules): void {
  if (isTable && !rules.allowsTableFunction(name)) refuse(`The table function ${name} is not allowed here`);
  if (!isTable && !rules.allowsFunction(name)) refuse(`The function ${name} is not allowed here`);
}

function checkTable(name: string): void {
  if (/^system\./i.test(name) && !SYSTEM_TABLES.test(name)) refuse(`The table ${name} is not allowed here`);
}

/** A name before a bracket that the tree did not show: it must at least be one of the functions allowed, or no function. */
function checkCalls(tokens: readonly Token[], rules: FunctionRules): void {
  for (const [i, token] of tokens.entries()) {
    if (tokens[i + 1]?.text !== "(" || (token.kind !== "word" && token.kind !== "quoted")) continue;
    const name = token.kind === "quoted" ? token.text.slice(1, -1) : token.text;
    if (rules.isForbidden(name)) refuse(`The function ${name} is not allowed here`);
  }
}

function refuse(message: string): never {
  throw new ShoplakeError("usage", message, {
    allowed: "one SELECT, SHOW, DESCRIBE, EXISTS or EXPLAIN that reads tables and views of the project",
    hint: "Put what needs more into a model or a view.",
  });
}

function withoutSemicolon(sql: string): string {
  return sql.replace(/[\s;]+$/, "");
}
