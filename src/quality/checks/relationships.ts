/** relationships: every value exists in a column of another dataset; NULL passes. */
import { z } from "zod";
import { ident } from "../../engine/sql.ts";
import { defineCheck } from "../check-type.ts";
import { columnOf, rowCheck, splitColumn } from "../sql-pieces.ts";

/** The check type `relationships`. */
export const relationships = defineCheck({
  type: "relationships",
  dimension: "consistency",
  needsColumn: true,
  judges: "row",
  arguments: z.strictObject({
    to: z.string().regex(/^\w+\.\w+\.\w+$/, "expected <layer>.<dataset>.<column>"),
    column: z.string().optional(),
  }),
  datasets: ({ to }) => [splitColumn(to).dataset],
  compile: (spec, args, input) => {
    const column = columnOf(spec, args);
    const to = splitColumn(args.to);
    const known = `(SELECT ${ident(to.column)} FROM ${input.other(to.dataset)})`;
    const check = rowCheck(spec, input, `(isNotNull(${column}) AND ${column} NOT IN ${known})`);
    return {
      ...check,
      judge: (answers) => {
        const found = check.judge(answers);
        if (found.unexpected === 0) return found;
        return {
          ...found,
          message: `${found.unexpected} of ${found.elements} rows have no match in ${args.to}`,
        };
      },
    };
  },
});
