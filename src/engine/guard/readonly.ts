/**
 * SQL from outside (`shoplake query`, BI tools): what of it only reads published data. The setting `readonly` is no boundary in
 * the embedded engine: a statement can lift it. What counts is the engine's own canonical text of the statement and its parse
 * tree, checked against lists of what is allowed; only this text is run, never what was typed. docs/security.md lists it all.
 */
import type { Engine, QueryOptions } from "../engine.ts";
import { lex, type Token } from "../lexer.ts";
import { syntaxNames } from "../syntax-names.ts";
import { parseSyntaxTree } from "../syntax-tree.ts";
import { canonicalForm, takeFormat } from "./canonical.ts";
import { callRefusal, clauseRefusal, namesOfSubqueries } from "./clauses.ts";
import { formatRefusal } from "./formats.ts";
import { type FunctionRules, functionRules } from "./functions.ts";
import { type Refusal, refusalError } from "./refusal.ts";
import { checkSettings } from "./settings.ts";
import { kindRefusal } from "./statement-kinds.ts";
import { CATALOGUE_FILTER } from "./tables.ts";
import { treeRefusal } from "./tree.ts";

/** Settings to run such a statement with: a second line of defence behind the check. */
export const READ_ONLY_SETTINGS = {
  readonly: 2,
  allow_ddl: 0,
  additional_table_filters: CATALOGUE_FILTER,
} as const;

/** A statement that was checked. */
export interface ReadOnlyStatement {
  /** The text to run, without FORMAT clause. Not the user's own: the engine's. */
  readonly sql: string;
  /** The format that the statement asked for; undefined without FORMAT. */
  readonly format: string | undefined;
  /** Settings to run it with. */
  readonly settings: typeof READ_ONLY_SETTINGS;
}

/**
 * The statement to run in place of `sql`, by two statements to the engine. Throws a ShoplakeError ("usage") that names the
 * first thing that is not allowed and where it is: another statement than SELECT, SHOW, DESCRIBE, EXISTS, EXPLAIN; several
 * statements; a function, table function, table, setting or format that is not on the lists. Views that exist are read as they
 * are. A syntax error is thrown as the engine words it. `options.params` must be those that it will run with.
 */
export async function readOnlyStatement(
  engine: Engine,
  sql: string,
  options: Pick<QueryOptions, "params" | "signal"> = {},
): Promise<ReadOnlyStatement> {
  const stop = (refusal: Refusal | undefined): void => {
    if (refusal) throw refusalError(refusal, sql);
  };
  stop(plainRefusal(sql));
  const { text: canonical, lists } = await canonicalForm(engine, sql);
  const { text, format } = takeFormat(canonical, lex(canonical));
  const tokens = lex(text);
  const settings = checkSettings(tokens);
  stop(format === undefined ? undefined : formatRefusal(format));
  stop(kindRefusal(text, tokens) ?? settings.refusal ?? clauseRefusal(tokens));
  const tree = await engine.rows<{ explain: string }>(`EXPLAIN AST ${text}`, options);
  const lines = tree.map(({ explain }) => explain);
  stop(settingsRefusal(lines, settings.clauses + (text.startsWith("EXPLAIN") ? 1 : 0)));
  stop(namesRefusal(tokens, lines, functionRules(lists)));
  return { sql: text, format, settings: READ_ONLY_SETTINGS };
}

function namesRefusal(
  tokens: readonly Token[],
  lines: readonly string[],
  rules: FunctionRules,
): Refusal | undefined {
  const names = syntaxNames(parseSyntaxTree(lines));
  const shown = [...names.calls, ...names.tableFunctions].map(({ name }) => name);
  return treeRefusal(names, rules, namesOfSubqueries(tokens)) ?? callRefusal(tokens, shown, rules);
}

/** The tree does not show what a SETTINGS clause holds, but how many there are. */
function settingsRefusal(lines: readonly string[], checked: number): Refusal | undefined {
  const shown = lines.filter((line) => /^ *Set$/.test(line)).length;
  if (shown <= checked) return undefined;
  return { message: "A SETTINGS clause stands where it cannot be checked", name: "SETTINGS" };
}

/** What can be said without the engine, in the words of the user's own text. */
function plainRefusal(sql: string): Refusal | undefined {
  const tokens = lex(sql);
  const last = tokens.findLastIndex((token) => token.text !== ";");
  if (last < 0) return { message: "There is no statement" };
  const broken = tokens.find((token) => token.kind === "error");
  if (broken)
    return {
      message: `A quote or comment is not closed, or a character is not SQL, near ${broken.text.slice(0, 30)}`,
    };
  if (tokens.slice(0, last).some((token) => token.kind === "symbol" && token.text === ";"))
    return { message: "Only one statement at a time is allowed here" };
  return undefined;
}
