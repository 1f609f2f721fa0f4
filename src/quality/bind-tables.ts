/** Lets free SQL read datasets from other places than under their own names, e.g. staged rows. */
import { lex, type Token } from "../engine/lexer.ts";
import { ident, table } from "../engine/sql.ts";

const LAYERS = new Set(["bronze", "silver", "gold"]);

/** Words that may follow a table and are no alias of it. */
const CLAUSES = new Set(
  "WHERE PREWHERE JOIN INNER LEFT RIGHT FULL CROSS ANY ALL ASOF SEMI ANTI GLOBAL PASTE ARRAY ON USING GROUP ORDER HAVING QUALIFY WINDOW LIMIT OFFSET UNION EXCEPT INTERSECT SETTINGS FORMAT FINAL SAMPLE FETCH INTO".split(
    " ",
  ),
);

interface Reference {
  readonly dataset: string;
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly before: Token | undefined;
  readonly after: Token | undefined;
}

/** Datasets that SQL text names, sorted: "bronze.x", "silver.y", "gold.z". */
export function namedDatasets(sql: string): string[] {
  return [...new Set(references(sql).map((reference) => reference.dataset))].sort();
}

/**
 * The SELECT with every dataset read from `from(dataset)`, a table expression. Datasets that stand under their own name
 * stay as they are written; the others become common table expressions around the text.
 */
export function bindTables(sql: string, from: (dataset: string) => string): string {
  const expressions = new Map<string, string>();
  let bound = "";
  let at = 0;
  for (const reference of references(sql)) {
    const { dataset } = reference;
    const expression = expressions.get(dataset) ?? from(dataset);
    if (expression === table(dataset)) continue;
    expressions.set(dataset, expression);
    bound += sql.slice(at, reference.start) + replacement(reference);
    at = reference.end;
  }
  bound += sql.slice(at);
  if (expressions.size === 0) return bound;
  const tables = [...expressions].map(([name, source]) => `${ident(name)} AS (SELECT * FROM ${source})`);
  return `WITH ${tables.join(", ")} SELECT * FROM (\n${bound.trim().replace(/;\s*$/, "")}\n)`;
}

/** A qualifier of a column becomes the table's short name; a table keeps that name as its alias. */
function replacement({ dataset, name, before, after }: Reference): string {
  if (after?.text === ".") return ident(name);
  const aliased =
    after !== undefined && (after.kind === "quoted" || (after.kind === "word" && !CLAUSES.has(after.upper)));
  return aliased || before?.upper === "IN" ? ident(dataset) : `${ident(dataset)} AS ${ident(name)}`;
}

function references(sql: string): Reference[] {
  const tokens = lex(sql);
  return tokens.flatMap((layer, i): Reference[] => {
    const [before, dot, name, after] = [tokens[i - 1], tokens[i + 1], tokens[i + 2], tokens[i + 3]];
    if (!LAYERS.has(nameOf(layer) ?? "") || before?.text === "." || dot?.text !== ".") return [];
    const short = name && nameOf(name);
    if (!name || short === undefined) return [];
    return [
      { dataset: `${nameOf(layer)}.${short}`, name: short, start: layer.start, end: name.end, before, after },
    ];
  });
}

function nameOf(token: Token): string | undefined {
  if (token.kind === "word") return token.text;
  return token.kind === "quoted" ? token.text.slice(1, -1) : undefined;
}
