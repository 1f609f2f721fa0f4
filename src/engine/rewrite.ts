/** Points the tables of a statement elsewhere: `silver.orders` -> `lake`.`silver_orders__v12`, by tokens, never inside text. */

import { lex, type Token } from "./lexer.ts";
import { ident, table } from "./sql.ts";

/**
 * Replaces every two-part name that is a key of `map` by its value (also two-part), both as a table and in front of a column
 * (`silver.orders.total`). A table without an alias gets its old short name as alias, so `orders.total` stays valid;
 * not when two tables of the statement share the short name.
 */
export function rewriteTables(sql: string, map: Readonly<Record<string, string>>): string {
  const found = occurrences(lex(sql), map);
  const shared = sharedNames(found);
  let result = "";
  let at = 0;
  for (const { from, to, end, start, alias } of found) {
    const [oldName, newName] = [shortName(from), shortName(to)];
    const needsAlias = alias === "none" && oldName !== newName && !shared.has(oldName);
    result += sql.slice(at, start) + table(to) + (needsAlias ? ` AS ${ident(oldName)}` : "");
    at = end;
  }
  return result + sql.slice(at);
}

interface Occurrence {
  readonly from: string;
  readonly to: string;
  readonly start: number;
  readonly end: number;
  /** "none": a table without an alias. "given": with one. "impossible": a column, or the right side of IN. */
  readonly alias: "none" | "given" | "impossible";
}

function occurrences(tokens: readonly Token[], map: Readonly<Record<string, string>>): Occurrence[] {
  return tokens.flatMap((token, i) => {
    const [previous, dot, second] = [tokens[i - 1], tokens[i + 1], tokens[i + 2]];
    if (!isName(token) || previous?.text === "." || dot?.text !== "." || !second || !isName(second))
      return [];
    const from = `${nameOf(token)}.${nameOf(second)}`;
    const to = map[from];
    if (to === undefined) return [];
    const alias = aliasAfter(previous, tokens[i + 3]);
    return [{ from, to, start: token.start, end: second.end, alias }];
  });
}

function aliasAfter(previous: Token | undefined, next: Token | undefined): Occurrence["alias"] {
  if (next?.text === "." || previous?.upper === "IN") return "impossible";
  if (next?.kind === "quoted" || next?.upper === "AS") return "given";
  return next?.kind === "word" && !afterTable.has(next.upper) ? "given" : "none";
}

/** Words that may follow a table and cannot be its alias (ClickHouse's restricted keywords). */
const afterTable = new Set(
  `ALL ANTI ANY ARRAY ASOF BETWEEN CROSS FETCH FINAL FORMAT FROM FULL GLOBAL GROUP HAVING INNER INTERSECT EXCEPT INTO JOIN
  LEFT LIMIT LOCAL NATURAL OFFSET ON ORDER PASTE PREWHERE QUALIFY RIGHT SAMPLE SELECT SEMI SETTINGS UNION USING WHERE WINDOW
  WITH`.split(/\s+/),
);

function sharedNames(found: readonly Occurrence[]): Set<string> {
  const datasets = [...new Set(found.map(({ from }) => from))].map(shortName);
  return new Set(datasets.filter((name, i) => datasets.indexOf(name) !== i));
}

function shortName(name: string): string {
  return name.slice(name.indexOf(".") + 1);
}

function isName(token: Token): boolean {
  return token.kind === "word" || token.kind === "quoted";
}

/** The name a token spells: quotes and escapes are gone. */
export function nameOf(token: Token): string {
  if (token.kind !== "quoted") return token.text;
  const quote = token.text.charAt(0);
  return token.text
    .slice(1, -1)
    .replaceAll(quote + quote, quote)
    .replace(/\\(.)/g, "$1");
}
