/**
 * Row rules: the SELECT of a model, guarded. Every row of the model gets its declared types and the name of the first rule
 * it breaks, or '' when it is good.
 */
import { ident, idents, text } from "../engine/sql.ts";
import type { ColumnSpec, Model, RejectRule } from "../project/project.ts";
import { type Cast, castTo } from "./cast.ts";

/** The parts of a model that rules need. `sql` may read pinned inputs; `schema` must be resolved. */
export type RowModel = Pick<Model, "dataset" | "sql" | "columns" | "schema" | "reject" | "key" | "newestBy">;

/** True when a row of the model can become a reject or be superseded by a newer one. */
export function isGuarded(model: Pick<RowModel, "columns" | "reject" | "key" | "newestBy">): boolean {
  return canReject(model) || isDeduplicated(model);
}

export function canReject(model: Pick<RowModel, "columns" | "reject">): boolean {
  return model.reject.length > 0 || model.columns.some((column) => column.type !== undefined);
}

export function isDeduplicated(model: Pick<RowModel, "key" | "newestBy">): boolean {
  return model.key.length > 0 && model.newestBy.length > 0;
}

/**
 * A SELECT that yields the columns of the model's schema, declared types applied, and
 * `_reject String` ('' = good, else the first broken rule: `invalid_<column>` of the casts, then the reject rules in order;
 * a condition that is NULL counts as not broken), `_reject_reason String`, and `_raw String` (the SELECT's own row before
 * the casts, as JSON of texts with all digits; '' for good rows). undefined: no types, no rules, nothing to deduplicate.
 * `sql` stands for the model's own text when its inputs are bound to versions.
 */
export function guardedSelect(model: RowModel, sql: string = model.sql): string | undefined {
  if (!isGuarded(model)) return undefined;
  if (!canReject(model))
    return `SELECT *, '' AS _reject, '' AS _reject_reason, '' AS _raw FROM (${plainSelect(model, sql)})`;
  const names = model.schema.map((column) => column.name);
  const casts = castsOf(model.columns, names);
  const broken = [...casts.map(castRule), ...model.reject.map(declaredRule)];
  if (broken.length === 0) return guardedSelect({ ...model, columns: [] }, sql);
  const given = names.map((name) =>
    casts.some((cast) => cast.column === name) ? `${ident(name)} AS ${ident(before(name))}` : ident(name),
  );
  const typed = casts.map((cast) => `${cast.typed} AS ${ident(cast.column)}`);
  return [
    `SELECT ${idents(names)}, _reject,`,
    `  if(_reject = '', '', multiIf(${broken.map((rule) => `_reject = ${text(rule.name)}, ${rule.reason}`).join(", ")}, '')) AS _reject_reason,`,
    `  if(_reject = '', '', ${rawJson(names, casts)}) AS _raw`,
    `FROM (SELECT *, multiIf(${broken.map((rule) => `${rule.condition}, ${text(rule.name)}`).join(", ")}, '') AS _reject`,
    `FROM (SELECT ${["*", ...typed].join(", ")}`,
    `FROM ${withSteps(casts, `(SELECT ${given.join(", ")} FROM ${subquery(sql)})`)}))`,
  ].join("\n");
}

/** The steps of all casts as columns, one subquery per level. */
function withSteps(casts: readonly Cast[], from: string): string {
  const levels = Math.max(0, ...casts.map((cast) => cast.steps.length));
  let source = from;
  for (let level = 0; level < levels; level++) {
    const steps = casts.flatMap((cast) => cast.steps.slice(level, level + 1));
    source = `(SELECT *, ${steps.map(([name, sql]) => `${sql} AS ${ident(name)}`).join(", ")} FROM ${source})`;
  }
  return source;
}

/** The model's SELECT in the columns of its schema, without rules. */
export function plainSelect(model: Pick<RowModel, "sql" | "schema">, sql: string = model.sql): string {
  return `SELECT ${idents(model.schema.map((column) => column.name))} FROM ${subquery(sql)}`;
}

/** In brackets, on lines of its own: a comment at the end of the text must not swallow the bracket. */
export function subquery(sql: string): string {
  return `(\n${sql.trim().replace(/;\s*$/, "")}\n)`;
}

interface Broken {
  readonly name: string;
  /** SQL, true for a bad row. */
  readonly condition: string;
  /** SQL, text for a person. */
  readonly reason: string;
}

interface ColumnCast extends Cast {
  readonly column: string;
}

function castsOf(columns: readonly ColumnSpec[], names: readonly string[]): ColumnCast[] {
  const types = new Map(columns.map((column) => [column.name, column.type]));
  return names.flatMap((column) => {
    const type = types.get(column);
    return type === undefined ? [] : [{ column, ...castTo(ident(before(column)), type, column) }];
  });
}

function declaredRule({ name, condition }: RejectRule): Broken {
  return {
    name,
    condition: `ifNull(toBool(${subquery(condition)}), false)`,
    reason: text(`${name}: ${condition.replace(/\s+/g, " ").trim()}`),
  };
}

function castRule({ column, broken, ambiguous, label }: ColumnCast): Broken {
  const x = ident(before(column));
  const shown = `concat('\\'', toValidUTF8(leftUTF8(ifNull(toString(${x}), ''), 100)), '\\'')`;
  const missing = text(`NULL is not allowed in ${label}, only in Nullable(${label})`);
  const twoWays = text(" can be read day-first and month-first: parse it in the SELECT");
  const cause = `multiIf(isNull(${x}), ${missing}, ${ambiguous}, concat(${shown}, ${twoWays}), concat(${shown}, ${text(` is not a ${label}`)}))`;
  return {
    name: `invalid_${column}`,
    condition: broken,
    reason: `concat(${text(`${column}: `)}, ${cause})`,
  };
}

function rawJson(names: readonly string[], casts: readonly ColumnCast[]): string {
  const typed = new Set(casts.map((cast) => cast.column));
  const pairs = names.map(
    (name) => `${text(name)}, toString(${ident(typed.has(name) ? before(name) : name)})`,
  );
  return `toJSONString(CAST(map(${pairs.join(", ")}), 'Map(String, Nullable(String))'))`;
}

/** The name under which a typed column's value before the cast travels through the subqueries. */
function before(name: string): string {
  return `_given_${name}`;
}
