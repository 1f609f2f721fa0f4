/** reconciliation: the sum of an expression here equals the sum of an expression over another dataset. */
import { z } from "zod";
import { type Answers, defineCheck, type Finding } from "../check-type.ts";
import { bracket, columnOf, literal, whereClause } from "../sql-pieces.ts";

/** The check type `reconciliation`. */
export const reconciliation = defineCheck({
  type: "reconciliation",
  dimension: "accuracy",
  needsColumn: false,
  judges: "dataset",
  arguments: z.strictObject({
    /** SQL over a row here, e.g. "quantity * unit_price". Default: the column the check is declared under. */
    expression: z.string().min(1).optional(),
    column: z.string().optional(),
    /** The other dataset: "silver.orders". */
    to: z.string().regex(/^\w+\.\w+$/, "expected <layer>.<dataset>"),
    /** SQL over a row there. Default: the same as here. */
    to_expression: z.string().min(1).optional(),
    /** Which rows count there. Default: all. */
    to_where: z.string().optional(),
    /** Greatest allowed difference of the sums. Default 0. */
    tolerance: z.number().nonnegative().default(0),
  }),
  datasets: ({ to }) => [to],
  compile: (spec, args, input) => {
    const here = args.expression === undefined ? columnOf(spec, args) : bracket(args.expression);
    const there = args.to_expression === undefined ? here : bracket(args.to_expression);
    const sumHere = `ifNull(${spec.where === undefined ? `sum(${here})` : `sumIf(${here}, ${bracket(spec.where)})`}, 0)`;
    const sumThere = `ifNull((SELECT sum(${there}) FROM ${input.other(args.to)}${whereClause(args.to_where)}), 0)`;
    const numbers = {
      here: `toString(${sumHere})`,
      there: `toString(${sumThere})`,
      difference: `toString(${sumHere} - ${sumThere})`,
      off: `toString(toUInt8(ifNull(abs(${sumHere} - ${sumThere}) > ${literal(args.tolerance)}, 0)))`,
    };
    const columns = Object.entries(numbers).map(([name, sql]) => `${sql} AS ${name}`);
    return {
      aggregates: numbers,
      judge: (answers) => judge(answers, args.to, args.tolerance),
      badRows: `SELECT ${columns.slice(0, 3).join(", ")} FROM ${input.from}`,
    };
  },
});

function judge(answers: Answers, to: string, tolerance: number): Finding {
  const { here = "0", there = "0", difference = "0", off } = answers;
  return {
    elements: 1,
    unexpected: off === "1" ? 1 : 0,
    message: `sum is ${here}, in ${to} ${there}: difference ${difference}, allowed ${tolerance}`,
    sample: [{ here, there, difference }],
  };
}
