/** Lets free SQL read datasets from other places than under their own names, e.g. staged rows. */
import { rewriteTables } from "../engine/rewrite.ts";
import { ident, table } from "../engine/sql.ts";

/**
 * The SELECT with each of `datasets`, those that it reads, read from `from(dataset)`, a table expression. Datasets that are
 * under their own name stay as they are written; the others become common table expressions around the text.
 */
export function bindTables(
  sql: string,
  datasets: readonly string[],
  from: (dataset: string) => string,
): string {
  const moved = datasets
    .map((dataset) => ({ dataset, expression: from(dataset), name: `_bound_${dataset.replace(".", "_")}` }))
    .filter(({ dataset, expression }) => expression !== table(dataset));
  if (moved.length === 0) return sql;
  const bound = rewriteTables(sql, Object.fromEntries(moved.map(({ dataset, name }) => [dataset, name])));
  const tables = moved.map(({ name, expression }) => `${ident(name)} AS (SELECT * FROM ${expression})`);
  return `WITH ${tables.join(", ")} SELECT * FROM (\n${bound.trim().replace(/;\s*$/, "")}\n)`;
}
