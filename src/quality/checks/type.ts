/** type: every value can be held by a ClickHouse type without loss; NULL passes only when the type is Nullable. */
import { z } from "zod";
import { castTo } from "../../engine/cast.ts";
import { defineCheck } from "../check-type.ts";
import { columnOf, rowCheck } from "../sql-pieces.ts";

/** The check type `type`. */
export const type = defineCheck({
  type: "type",
  dimension: "validity",
  needsColumn: true,
  judges: "row",
  arguments: z.strictObject({ type: z.string().min(1), column: z.string().optional() }),
  compile: (spec, args, input) => {
    const cast = castTo(columnOf(spec, args), args.type, spec.name);
    return rowCheck(spec, input, cast.broken, cast.steps);
  },
});
