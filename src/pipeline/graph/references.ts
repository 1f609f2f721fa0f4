/** Which columns of delivered datasets refer to which, as far as the project's checks prove it. */

import type { CheckSpec } from "../../api/checks.ts";
import type { Model } from "../../project/project.ts";
import type { Reference } from "../../sinks/sink.ts";

/** What a delivery tells its sink about a dataset. */
export interface DatasetReferences {
  /** Columns of the dataset that refer to others. */
  readonly references: readonly Reference[];
  /** Columns that others refer to. */
  readonly referenced: readonly string[];
}

/**
 * References among the datasets that one sink takes: a `relationships` check that blocks publishing, to a column that is the
 * single key of its dataset or has a `unique` check that blocks.
 */
export function referencesAmong(
  models: readonly Model[],
  delivered: ReadonlySet<string>,
): ReadonlyMap<string, DatasetReferences> {
  const taken = models.filter(({ dataset }) => delivered.has(dataset));
  const unique = new Map(taken.map((model) => [model.dataset, uniqueColumns(model)]));
  const references = new Map(
    taken.map((model) => {
      const all = model.checks.flatMap(referenceOf);
      const kept = all.filter(({ to }) => unique.get(to.dataset)?.has(to.column));
      return [model.dataset, withoutDoubles(kept)];
    }),
  );
  const pointedAt = [...references.values()].flat().map(({ to }) => to);
  return new Map(
    [...references].map(([dataset, own]) => {
      const columns = pointedAt.filter((to) => to.dataset === dataset).map(({ column }) => column);
      return [dataset, { references: own, referenced: [...new Set(columns)].sort() }];
    }),
  );
}

function uniqueColumns({ key, checks }: Model): ReadonlySet<string> {
  const checked = checks.flatMap((check) => {
    if (check.type !== "unique" || !isStrict(check)) return [];
    const { columns } = check.arguments;
    return Array.isArray(columns) ? (columns.length === 1 ? columns : []) : columnOf(check);
  });
  return new Set([...(key.length === 1 ? key : []), ...checked]);
}

function referenceOf(check: CheckSpec): Reference[] {
  const { to } = check.arguments;
  if (check.type !== "relationships" || typeof to !== "string" || !isStrict(check)) return [];
  const dot = to.lastIndexOf(".");
  return columnOf(check).map((column) => ({
    column,
    to: { dataset: to.slice(0, dot), column: to.slice(dot + 1) },
  }));
}

function columnOf({ column, arguments: given }: CheckSpec): string[] {
  const name = given["column"] ?? column;
  return typeof name === "string" ? [name] : [];
}

/** All rows are looked at, and not one bad row is let through. */
function isStrict({ severity, where, threshold }: CheckSpec): boolean {
  const allowed = threshold === undefined ? 0 : "rows" in threshold ? threshold.rows : threshold.percent;
  return severity === "error" && where === undefined && allowed === 0;
}

function withoutDoubles(references: readonly Reference[]): Reference[] {
  return [...new Map(references.map((each) => [JSON.stringify(each), each])).values()];
}
