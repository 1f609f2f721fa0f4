/** The checks of a model: those it declares, and the one its key implies. A run and `shoplake check` run the same. */

import type { CheckSpec } from "../api/checks.ts";
import type { Model } from "../project/project.ts";

/** A key that the platform does not choose by must be unique already, unless a declared check says so itself. */
export function checksOf(model: Pick<Model, "key" | "newestBy" | "checks" | "file">): readonly CheckSpec[] {
  const { key, newestBy, checks } = model;
  if (key.length === 0 || newestBy.length > 0 || checks.some((check) => provesUnique(check, key)))
    return checks;
  const implied: CheckSpec = {
    name: freeName(`unique_${key.join("_")}`, checks),
    type: "unique",
    arguments: { columns: key },
    severity: "error",
    dimension: "uniqueness",
    location: model.file,
  };
  return [...checks, implied];
}

function provesUnique(check: CheckSpec, key: readonly string[]): boolean {
  if (check.type !== "unique" || check.severity !== "error" || check.where !== undefined) return false;
  const { columns, column = check.column } = check.arguments;
  const looked: readonly unknown[] = Array.isArray(columns) ? columns : [column];
  return looked.length === key.length && key.every((name) => looked.includes(name));
}

function freeName(name: string, checks: readonly CheckSpec[]): string {
  const taken = new Set(checks.map((check) => check.name));
  let free = name;
  for (let count = 2; taken.has(free); count++) free = `${name}_${count}`;
  return free;
}
