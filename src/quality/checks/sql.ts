/** sql: a free SELECT that returns the bad rows. Datasets are read under their own names, as in a model. */
import { z } from "zod";
import { bindTables } from "../bind-tables.ts";
import { defineCheck } from "../check-type.ts";
import { countMessage } from "../sql-pieces.ts";

/** The check type `sql`. */
export const sql = defineCheck({
  type: "sql",
  dimension: "consistency",
  needsColumn: false,
  judges: "dataset",
  arguments: z.strictObject({ sql: z.string().min(1), description: z.string().optional() }),
  compile: (spec, args, input) => {
    const bound = bindTables(args.sql, spec.reads ?? [], input.other);
    const bad = spec.where === undefined ? bound : `SELECT * FROM (\n${bound}\n) WHERE ${spec.where}`;
    return {
      aggregates: { elements: "count()", unexpected: `(SELECT count() FROM (\n${bad}\n))` },
      judge: (answers) => {
        const elements = Number(answers["elements"] ?? 0);
        const unexpected = Number(answers["unexpected"] ?? 0);
        const message = unexpected === 0 ? countMessage(0, elements) : `the query returns ${unexpected} rows`;
        return { elements, unexpected, message };
      },
      badRows: bad,
    };
  },
});
