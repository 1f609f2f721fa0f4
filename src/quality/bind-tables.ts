/** Lets free SQL read datasets from other places than under their own names, e.g. staged rows. */
import { lex, type Token } from "../engine/lexer.ts";
import { nameOf, rewriteTables } from "../engine/rewrite.ts";
import { ident, table } from "../engine/sql.ts";

const LAYERS = new Set(["bronze", "silver", "gold"]);

/** Datasets that SQL text names, sorted: "bronze.x", "silver.y", "gold.z". */
export function namedDatasets(sql: string): string[] {
  const tokens = lex(sql);
  const names = tokens.flatMap((layer, i) => {
    const [before, dot, name] = [tokens[i - 1], tokens[i + 1], tokens[i + 2]];
    if (before?.text === "." || dot?.text !== "." || !isName(layer) || !isName(name)) return [];
    return LAYERS.has(nameOf(layer)) ? [`${nameOf(layer)}.${nameOf(name)}`] : [];
  });
  return [...new Set(names)].sort();
}

/**
 * The SELECT with every dataset read from `from(dataset)`, a table expression. Datasets that stand under their own name
 * stay as they are written; the others become common table expressions around the text.
 */
export function bindTables(sql: string, from: (dataset: string) => string): string {
  const moved = namedDatasets(sql)
    .map((dataset) => ({ dataset, expression: from(dataset), name: `_bound_${dataset.replace(".", "_")}` }))
    .filter(({ dataset, expression }) => expression !== table(dataset));
  if (moved.length === 0) return sql;
  const bound = rewriteTables(sql, Object.fromEntries(moved.map(({ dataset, name }) => [dataset, name])));
  const tables = moved.map(({ name, expression }) => `${ident(name)} AS (SELECT * FROM ${expression})`);
  return `WITH ${tables.join(", ")} SELECT * FROM (\n${bound.trim().replace(/;\s*$/, "")}\n)`;
}

function isName(token: Token | undefined): token is Token {
  return token?.kind === "word" || token?.kind === "quoted";
}
