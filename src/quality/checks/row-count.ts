/** row_count: the dataset has at least `min` and at most `max` rows (either may be absent). */
import { z } from "zod";
import { defineCheck } from "../check-type.ts";
import { whereClause } from "../sql-pieces.ts";

const count = z.number().int().nonnegative();

/** The check type `row_count`. */
export const rowCount = defineCheck({
  type: "row_count",
  dimension: "completeness",
  needsColumn: false,
  judges: "dataset",
  arguments: z
    .strictObject({ min: count.optional(), max: count.optional() })
    .refine((args) => args.min !== undefined || args.max !== undefined, "needs min, max or both"),
  compile: (spec, args, input) => ({
    aggregates: { rows: spec.where === undefined ? "count()" : `countIf(${spec.where})` },
    judge: (answers) => {
      const rows = Number(answers["rows"] ?? 0);
      const { min = 0, max = Number.POSITIVE_INFINITY } = args;
      const bad = rows < min || rows > max;
      const allowed = args.max === undefined ? `at least ${min}` : `${min} to ${max}`;
      return {
        elements: 1,
        unexpected: bad ? 1 : 0,
        message: `${rows} rows, allowed: ${allowed}`,
        ...(bad ? { sample: [{ rows, ...args }] } : {}),
      };
    },
    badRows: `SELECT count() AS rows FROM ${input.from}${whereClause(spec.where)}`,
  }),
});
