/** regex: every value matches a regular expression (RE2; anchor it with ^ and $ yourself); NULL passes. */
import { z } from "zod";
import { text } from "../../engine/sql.ts";
import { defineCheck } from "../check-type.ts";
import { columnOf, rowCheck } from "../sql-pieces.ts";

/** The check type `regex`. */
export const regex = defineCheck({
  type: "regex",
  dimension: "validity",
  needsColumn: true,
  judges: "row",
  arguments: z.strictObject({ pattern: z.string().min(1), column: z.string().optional() }),
  compile: (spec, args, input) =>
    rowCheck(spec, input, `NOT match(toString(${columnOf(spec, args)}), ${text(args.pattern)})`),
});
