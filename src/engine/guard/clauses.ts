/** What the parse tree leaves out, checked on the tokens of the canonical text. */
import type { Token } from "../lexer.ts";
import { nameOf } from "../rewrite.ts";
import type { FunctionRules } from "./functions.ts";
import type { Refusal } from "./refusal.ts";
import { PUBLISHED } from "./tables.ts";

/** The first thing in the text that is not allowed anywhere. */
export function clauseRefusal(tokens: readonly Token[]): Refusal | undefined {
  for (const [i, token] of tokens.entries()) {
    const found =
      brokenToken(token) ?? keyword(token, tokens[i + 1]) ?? parameter(tokens, i) ?? quotedName(token);
    if (found) return found;
  }
  return undefined;
}

function brokenToken({ kind, text }: Token): Refusal | undefined {
  if (kind === "error")
    return {
      message: `A quote or comment is not closed, or a character is not SQL, near ${text.slice(0, 30)}`,
    };
  if (kind === "symbol" && text === ";") return { message: "Only one statement at a time is allowed here" };
  return undefined;
}

function keyword(token: Token, next: Token | undefined): Refusal | undefined {
  if (token.kind !== "word") return undefined;
  if (token.text === "INTO" && (next?.text === "OUTFILE" || next?.text === "LOCAL"))
    return {
      message: "INTO OUTFILE is not allowed here",
      name: "OUTFILE",
      hint: "Send the output to a file: > file.csv",
    };
  if (token.text === "INFILE") return { message: "INFILE is not allowed here", name: "INFILE" };
  if (token.text === "APPLY")
    return {
      message: "APPLY (ColumnsApplyTransformer) is not allowed here",
      name: "APPLY",
      hint: "Write the columns one by one.",
    };
  return undefined;
}

/** `{x:Identifier}` would name a table or function by its value. */
function parameter(tokens: readonly Token[], at: number): Refusal | undefined {
  const [open, name, colon, type] = tokens.slice(at, at + 4);
  if (open?.text !== "{" || colon?.text !== ":" || type?.upper !== "IDENTIFIER") return undefined;
  return {
    message: `The parameter ${name?.text} of the type Identifier is not allowed here`,
    name: name?.text ?? "",
    allowed: "parameters that are values, such as {day:Date}",
    hint: "Write the name itself.",
  };
}

/** Names with line ends or escapes could draw lines of their own in the printed tree; `gold.x` as one name looks like two. */
function quotedName(token: Token): Refusal | undefined {
  if (token.kind !== "quoted") return undefined;
  const name = token.text.slice(1, -1);
  if ([...name].some((character) => character < " " || character === "\\"))
    return {
      message: "A name with a backslash or a line end is not allowed here",
      hint: "Give the column another name with AS in a view.",
    };
  const database = PUBLISHED.find((each) => name.startsWith(`${each}.`));
  if (database === undefined) return undefined;
  return {
    message: `The name ${token.text} holds a dot and begins with a database`,
    name,
    hint: `Write ${database}.\`${name.slice(database.length + 1)}\`.`,
  };
}

/** Names that a WITH of the statement gives to a subquery: `x AS (SELECT` and `x(a, b) AS (SELECT`. */
export function namesOfSubqueries(tokens: readonly Token[]): ReadonlySet<string> {
  return new Set(
    tokens.flatMap((token, i) => {
      const after = tokens[i + 1]?.text === "(" ? behindBracket(tokens, i + 1) : i + 1;
      if (tokens[after]?.text !== "AS") return [];
      const open = tokens[after + 1]?.text === "MATERIALIZED" ? after + 2 : after + 1;
      const isSubquery =
        tokens[open]?.text === "(" && /^(SELECT|WITH|\()$/.test(tokens[open + 1]?.text ?? "");
      return isSubquery ? [nameOf(token)] : [];
    }),
  );
}

/** Index behind the bracket that closes the one at `open`. */
function behindBracket(tokens: readonly Token[], open: number): number {
  const depth = tokens[open]?.depth;
  const close = tokens.findIndex((token, i) => i > open && token.text === ")" && token.depth === depth);
  return close < 0 ? tokens.length : close + 1;
}

/** Words in capitals before a bracket that are no calls in canonical text. */
const KEYWORDS = new Set(
  "IN NOT AND OR LIKE ILIKE AS FROM JOIN ON USING BY OVER EXISTS REPLACE EXCEPT WITH ALL ANY DISTINCT UNION INTERSECT SETS CUBE ROLLUP VALUES INTERVAL".split(
    " ",
  ),
);

/** Names before brackets, as functions are called. Braces hold the types of parameters: `{names:Array(String)}`. */
function calls(tokens: readonly Token[]): string[] {
  let braces = 0;
  return tokens.flatMap((token, i) => {
    if (token.text === "{") braces++;
    if (token.text === "}") braces--;
    if (braces > 0) return [];
    if (tokens[i + 1]?.text !== "(" || (token.kind !== "word" && token.kind !== "quoted")) return [];
    return token.kind === "word" && KEYWORDS.has(token.text) ? [] : [nameOf(token)];
  });
}

/**
 * A call in the text that is refused by its name, or that the tree does not show, or fewer times: something is hidden from the
 * check of the tree.
 */
export function callRefusal(
  tokens: readonly Token[],
  shown: readonly string[],
  rules: FunctionRules,
): Refusal | undefined {
  const left = new Map<string, number>();
  for (const name of shown) left.set(name, (left.get(name) ?? 0) + 1);
  for (const name of calls(tokens).filter((each) => rules.exists(each))) {
    if (!rules.allowsFunction(name) && !rules.allowsTableFunction(name))
      return { message: `The function ${name} is not allowed here`, name };
    const count = left.get(name) ?? 0;
    left.set(name, count - 1);
    if (count > 0) continue;
    return {
      message: `The function ${name} is not allowed here: it stands where it cannot be checked`,
      name,
      hint: "Compute the value in a subquery.",
    };
  }
  return undefined;
}
