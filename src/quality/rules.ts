/**
 * Row rules: the SELECT of a model, guarded. Every row of the model gets its declared types and the name of the first rule
 * it breaks, or '' when it is good.
 */
import { ident, idents, text } from "../engine/sql.ts";
import type { ColumnSpec, Model, RejectRule } from "../project/project.ts";
import { ambiguousDate, castTo } from "./cast.ts";

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
  const typed = typedColumns(model.columns, names);
  const given = names.map((name) =>
    typed.has(name) ? `${ident(name)} AS ${ident(before(name))}` : ident(name),
  );
  const casts = names.map((name) => {
    const type = typed.get(name);
    return type ? `${castTo(ident(before(name)), type).typed} AS ${ident(name)}` : ident(name);
  });
  const kept = [...typed.keys()].map((name) => ident(before(name)));
  const broken = brokenRules(typed, model.reject);
  if (broken.length === 0) return guardedSelect({ ...model, columns: [] }, sql);
  const columns = names.map(ident).join(", ");
  return [
    `SELECT ${columns}, _reject,`,
    `  if(_reject = '', '', multiIf(${broken.map((rule) => `_reject = ${text(rule.name)}, ${rule.reason}`).join(", ")}, '')) AS _reject_reason,`,
    `  if(_reject = '', '', ${rawJson(names, typed)}) AS _raw`,
    `FROM (SELECT ${[columns, ...kept].join(", ")},`,
    `  multiIf(${broken.map((rule) => `${rule.condition}, ${text(rule.name)}`).join(", ")}, '') AS _reject`,
    `FROM (SELECT ${[...casts, ...kept].join(", ")}`,
    `FROM (SELECT ${given.join(", ")} FROM ${subquery(sql)})))`,
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

interface Broken {
  readonly name: string;
  /** SQL, true for a bad row. */
  readonly condition: string;
  /** SQL, text for a person. */
  readonly reason: string;
}

function brokenRules(typed: ReadonlyMap<string, string>, rules: readonly RejectRule[]): Broken[] {
  const casts = [...typed].map(([name, type]) => castRule(name, type));
  const declared = rules.map(({ name, condition }) => ({
    name,
    condition: `ifNull(toBool(${subquery(condition)}), false)`,
    reason: text(`${name}: ${condition.replace(/\s+/g, " ").trim()}`),
  }));
  return [...casts, ...declared];
}

function castRule(name: string, type: string): Broken {
  const x = ident(before(name));
  const { broken, label } = castTo(x, type);
  const shown = `toValidUTF8(leftUTF8(ifNull(toString(${x}), ''), 100))`;
  const cause = `multiIf(isNull(${x}), ${text(`is NULL, which ${label} without Nullable does not allow`)}, ${ambiguousDate(x, type)}, concat('\\'', ${shown}, ${text("' can be read day-first and month-first: parse it in the SELECT")}), concat('\\'', ${shown}, ${text(`' is not a ${label}`)}))`;
  return { name: `invalid_${name}`, condition: broken, reason: `concat(${text(`${name}: `)}, ${cause})` };
}

function rawJson(names: readonly string[], typed: ReadonlyMap<string, string>): string {
  const pairs = names.map(
    (name) => `${text(name)}, toString(${ident(typed.has(name) ? before(name) : name)})`,
  );
  return `toJSONString(CAST(map(${pairs.join(", ")}), 'Map(String, Nullable(String))'))`;
}

function typedColumns(columns: readonly ColumnSpec[], names: readonly string[]): ReadonlyMap<string, string> {
  const types = new Map(columns.map((column) => [column.name, column.type]));
  return new Map(
    names.flatMap((name) => {
      const type = types.get(name);
      return type === undefined ? [] : [[name, type] as const];
    }),
  );
}

/** The name under which a typed column's value before the cast travels through the subqueries. */
function before(name: string): string {
  return `_given_${name}`;
}
