/** accepted_values: every value is one of a list; NULL passes. Text in the list is compared with the value as text. */
import { z } from "zod";
import { defineCheck } from "../check-type.ts";
import { columnOf, literal, rowCheck } from "../sql-pieces.ts";

const value = z.union([z.string(), z.number(), z.boolean()]);

/** The check type `accepted_values`. */
export const acceptedValues = defineCheck({
  type: "accepted_values",
  dimension: "validity",
  needsColumn: true,
  judges: "row",
  arguments: z.strictObject({ values: z.array(value).min(1), column: z.string().optional() }),
  compile: (spec, args, input) => {
    const column = columnOf(spec, args);
    const compared = args.values.some((one) => typeof one === "string") ? `toString(${column})` : column;
    const list = args.values.map((one) => (compared === column ? literal(one) : literal(String(one))));
    return rowCheck(spec, input, `${compared} NOT IN (${list.join(", ")})`);
  },
});
