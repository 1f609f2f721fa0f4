/** accepted_range: every value lies between `min` and `max` (either may be absent); NULL passes, NaN does not. */
import { z } from "zod";
import { defineCheck } from "../check-type.ts";
import { bracket, columnOf, literal, rowCheck } from "../sql-pieces.ts";

/** A number, a date as text, or a SQL expression over the row as `{ expression: "quantity * price" }`. */
const bound = z.union([z.number(), z.string(), z.strictObject({ expression: z.string().min(1) })]);

/** The check type `accepted_range`. */
export const acceptedRange = defineCheck({
  type: "accepted_range",
  dimension: "validity",
  needsColumn: true,
  judges: "row",
  arguments: z
    .strictObject({
      min: bound.optional(),
      max: bound.optional(),
      /** Whether the limits themselves are allowed. Default true. */
      inclusive: z.boolean().default(true),
      column: z.string().optional(),
    })
    .refine((args) => args.min !== undefined || args.max !== undefined, "needs min, max or both"),
  compile: (spec, args, input) => {
    const column = columnOf(spec, args);
    const equal = args.inclusive ? "=" : "";
    const parts = [
      ...(args.min === undefined ? [] : [`${column} >${equal} ${boundSql(args.min)}`]),
      ...(args.max === undefined ? [] : [`${column} <${equal} ${boundSql(args.max)}`]),
    ];
    return rowCheck(spec, input, `NOT (${parts.join(" AND ")})`);
  },
});

function boundSql(value: z.output<typeof bound>): string {
  return typeof value === "object" ? bracket(value.expression) : literal(value);
}
