/** not_null: no value of the column is NULL. */
import { z } from "zod";
import { defineCheck } from "../check-type.ts";
import { columnOf, rowCheck } from "../sql-pieces.ts";

/** The check type `not_null`. */
export const notNull = defineCheck({
  type: "not_null",
  dimension: "completeness",
  needsColumn: true,
  judges: "row",
  arguments: z.strictObject({ column: z.string().optional() }),
  compile: (spec, args, input) => rowCheck(spec, input, `isNull(${columnOf(spec, args)})`),
});
