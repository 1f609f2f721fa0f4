/**
 * Row rules: the SELECT of a model, guarded. Every row of the model gets its declared types and the name of the first rule
 * it breaks, or '' when it is good.
 */
import {
  type Broken,
  castColumns,
  castRule,
  firstBroken,
  givenColumns,
  rawJson,
  reasonOf,
  typedRows,
} from "../engine/cast-columns.ts";
import { idents, text } from "../engine/sql.ts";
import type { Model, RejectRule } from "../project/project.ts";

/** The parts of a model that rules need. `sql` may read pinned inputs; `schema` must be resolved. */
export type RowModel = Pick<Model, "dataset" | "sql" | "columns" | "schema" | "reject" | "key" | "newestBy">;

/** True when a row of the model can become a reject or be superseded by a newer one. */
export function isGuarded(model: Pick<RowModel, "columns" | "reject" | "key" | "newestBy">): boolean {
  return canReject(model) || isDeduplicated(model);
}

/** True when a row of the model can become a reject: it declares types or rules. */
export function canReject(model: Pick<RowModel, "columns" | "reject">): boolean {
  return model.reject.length > 0 || model.columns.some((column) => column.type !== undefined);
}

/** True when of several rows with one key only the newest is published. */
export function isDeduplicated(model: Pick<RowModel, "key" | "newestBy">): boolean {
  return model.key.length > 0 && model.newestBy.length > 0;
}

/**
 * A SELECT that yields the columns of the model's schema, declared types applied, and
 * `_reject String` ('' = good, else the first broken rule: `invalid_<column>` of the casts, then the reject rules in order;
 * a condition that is NULL counts as not broken), `_reject_reason String`, and `_raw String` (the SELECT's own row before
 * the casts, as JSON of texts with all digits; '' for good rows). undefined: no types, no rules, nothing to deduplicate.
 * `sql` replaces the model's own text when its inputs are bound to versions.
 */
export function guardedSelect(model: RowModel, sql: string = model.sql): string | undefined {
  if (!isGuarded(model)) return undefined;
  if (!canReject(model))
    return `SELECT *, '' AS _reject, '' AS _reject_reason, '' AS _raw FROM (${plainSelect(model, sql)})`;
  const names = model.schema.map((column) => column.name);
  const casts = castColumns(new Map(model.columns.map(({ name, type }) => [name, type])), names);
  const broken = [...casts.map(castRule), ...model.reject.map(declaredRule)];
  if (broken.length === 0) return guardedSelect({ ...model, columns: [] }, sql);
  return [
    `SELECT ${idents(names)}, _reject,`,
    `  if(_reject = '', '', ${reasonOf(broken, "_reject")}) AS _reject_reason,`,
    `  if(_reject = '', '', ${rawJson(names, casts)}) AS _raw`,
    `FROM (SELECT *, ${firstBroken(broken)} AS _reject`,
    `FROM (${typedRows(casts, `(SELECT ${givenColumns(names, casts)} FROM ${subquery(sql)})`)}))`,
  ].join("\n");
}

/** The model's SELECT in the columns of its schema, without rules. */
export function plainSelect(model: Pick<RowModel, "sql" | "schema">, sql: string = model.sql): string {
  return `SELECT ${idents(model.schema.map((column) => column.name))} FROM ${subquery(sql)}`;
}

/** In brackets, on lines of its own: a comment at the end of the text must not swallow the bracket. */
export function subquery(sql: string): string {
  return `(\n${sql.trim().replace(/;\s*$/, "")}\n)`;
}

function declaredRule({ name, condition }: RejectRule): Broken {
  return {
    name,
    condition: `ifNull(toBool(${subquery(condition)}), false)`,
    reason: text(`${name}: ${condition.replace(/\s+/g, " ").trim()}`),
  };
}
