/**
 * unique: no two rows have the same value, or combination of values. As in dbt: a single column's NULLs are not looked at, in
 * a combination NULL is a value like any other.
 */
import { z } from "zod";
import { ident } from "../../engine/sql.ts";
import { type CompileInput, defineCheck } from "../check-type.ts";
import { bracket, columnOf, countMessage } from "../sql-pieces.ts";

/** The check type `unique`. */
export const unique = defineCheck({
  type: "unique",
  dimension: "uniqueness",
  needsColumn: true,
  judges: "dataset",
  arguments: z.strictObject({
    column: z.string().optional(),
    columns: z.array(z.string()).min(1).optional(),
  }),
  compile: (spec, args, input) => {
    const columns = args.columns?.map(ident) ?? [columnOf(spec, args)];
    const conditions = [
      ...(columns.length === 1 ? [`isNotNull(${columns[0]})`] : []),
      ...(spec.where === undefined ? [] : [bracket(spec.where)]),
    ];
    const looked = conditions.length === 0 ? "1" : conditions.join(" AND ");
    const list = columns.join(", ");
    const distinct =
      columns.length === 1 ? `uniqExactIf(${list}, ${looked})` : `(${combinations(columns, looked, input)})`;
    return {
      aggregates: {
        elements: `countIf(${looked})`,
        unexpected: `countIf(${looked}) - ${distinct}`,
      },
      judge: (answers) => {
        const elements = Number(answers["elements"] ?? 0);
        const unexpected = Number(answers["unexpected"] ?? 0);
        const message =
          unexpected === 0
            ? countMessage(0, elements)
            : `${unexpected} of ${elements} rows repeat an earlier value`;
        return { elements, unexpected, message };
      },
      badRows: `SELECT ${list}, count() AS rows FROM ${input.from} WHERE ${looked} GROUP BY ${list} HAVING count() > 1 ORDER BY rows DESC, ${list}`,
    };
  },
});

/**
 * How many combinations there are. Grouping takes a fifth of the time of a distinct count of tuples. Rows that are sorted by one of
 * two columns have long runs of it: to count the other's values run by run takes another fifth, and little memory.
 */
function combinations(columns: readonly string[], looked: string, { from, sortedBy }: CompileInput): string {
  const [first] = sortedBy.map(ident);
  const [other, ...more] = columns.filter((column) => column !== first);
  if (first === undefined || other === undefined || more.length > 0)
    return `SELECT count() FROM (SELECT 1 FROM ${from} WHERE ${looked} GROUP BY ${columns.join(", ")})`;
  const values = `uniqExact(${other}) + max(isNull(${other}))`;
  return `SELECT sum(n) FROM (SELECT ${values} AS n FROM ${from} WHERE ${looked} GROUP BY ${first})`;
}
