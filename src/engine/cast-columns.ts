/** Several columns of a SELECT cast to declared types: what each value was stays beside what it becomes. SQL pieces. */
import { type Cast, castTo } from "./cast.ts";
import { ident, text } from "./sql.ts";

/** A cast of one column. */
export interface ColumnCast extends Cast {
  /** Name of the column, not quoted. */
  readonly column: string;
}

/** A reason to reject a row. */
export interface Broken {
  /** Name of the rule that is broken, e.g. "invalid_amount". */
  readonly name: string;
  /** SQL, true for a bad row; never NULL. */
  readonly condition: string;
  /** SQL, text for a person. */
  readonly reason: string;
}

/** The casts of those of `names` that have a type, over the rows of `givenColumns`. */
export function castColumns(
  types: ReadonlyMap<string, string | undefined>,
  names: readonly string[],
): ColumnCast[] {
  return names.flatMap((column) => {
    const type = types.get(column);
    return type === undefined ? [] : [{ column, ...castTo(ident(before(column)), type, column) }];
  });
}

/** SELECT list of the untyped rows. `expressions`: SQL of columns that do not go by their own name. */
export function givenColumns(
  names: readonly string[],
  casts: readonly ColumnCast[],
  expressions: ReadonlyMap<string, string> = new Map(),
): string {
  const typed = new Set(casts.map(({ column }) => column));
  return names
    .map((name) => {
      const [sql, alias] = [
        expressions.get(name) ?? ident(name),
        ident(typed.has(name) ? before(name) : name),
      ];
      return sql === alias ? sql : `${sql} AS ${alias}`;
    })
    .join(", ");
}

/** The steps of all casts as columns, one subquery per level, and the typed columns. `from`: the untyped rows in brackets. */
export function typedRows(casts: readonly ColumnCast[], from: string): string {
  const levels = Math.max(0, ...casts.map((cast) => cast.steps.length));
  let source = from;
  for (let level = 0; level < levels; level++) {
    const steps = casts.flatMap((cast) => cast.steps.slice(level, level + 1));
    source = `(SELECT *, ${steps.map(([name, sql]) => `${sql} AS ${ident(name)}`).join(", ")} FROM ${source})`;
  }
  const typed = casts.map((cast) => `${cast.typed} AS ${ident(cast.column)}`);
  return `SELECT ${["*", ...typed].join(", ")}\nFROM ${source}`;
}

/** `invalid_<column>` */
export function castRule({ column, broken, ambiguous, label }: ColumnCast): Broken {
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

/** The name of the first rule that a row breaks, '' for a good one. */
export function firstBroken(rules: readonly Broken[]): string {
  return `multiIf(${rules.map(({ name, condition }) => `${condition}, ${text(name)}`).join(", ")}, '')`;
}

/** The reason that belongs to the rule named by the column `name`. */
export function reasonOf(rules: readonly Broken[], name: string): string {
  return `multiIf(${rules.map((rule) => `${name} = ${text(rule.name)}, ${rule.reason}`).join(", ")}, '')`;
}

/** The row before the casts, as JSON of texts with all digits. */
export function rawJson(names: readonly string[], casts: readonly ColumnCast[]): string {
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
