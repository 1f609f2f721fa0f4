/**
 * rejected: of the rows that a run read, not too many broke a row rule. `rules` (default: all of the model), `at_least`: fewer
 * rejects than that pass, whatever their share, so that one bad row of a small increment stops nothing. A reject that a newer
 * good version of the same row follows does not count: what was corrected at the source must not stop the run again.
 */
import { z } from "zod";
import type { CheckSpec } from "../../api/checks.ts";
import { unwrap } from "../../engine/cast.ts";
import { ident, text } from "../../engine/sql.ts";
import type { Problem } from "../../util/errors.ts";
import { nearest } from "../../util/nearest.ts";
import { type CheckedModel, type CompileInput, defineCheck, type JudgedTask } from "../check-type.ts";
import { placeOf } from "../place.ts";

/** The check type `rejected`. */
export const rejected = defineCheck({
  type: "rejected",
  dimension: "validity",
  needsColumn: false,
  judges: "dataset",
  arguments: z.strictObject({
    rules: z.array(z.string()).min(1).optional(),
    at_least: z.number().int().positive().default(1),
  }),
  problems: ({ rules = [] }, spec, model) => rules.flatMap((rule) => unknownRule(rule, spec, model)),
  compile: (_spec, { rules, at_least }, input) => {
    const { task } = input;
    const from = rejectsOf(input, rules);
    const recount = task === undefined ? undefined : notFollowed(task, from, input.from);
    return {
      aggregates: {
        // Without an aggregate of its own the statement would give a row for each row of the dataset.
        rows: "count()",
        rejected: task === undefined || task.rejected === 0 ? "0" : `(SELECT count() ${from})`,
      },
      judge: (answers) => {
        if (task === undefined)
          return { elements: 0, unexpected: 0, message: "only a run knows what it rejects", skipped: true };
        const found = Number(answers["rejected"] ?? 0);
        const message = `${found} of ${task.read} rows were rejected`;
        return { elements: task.read, unexpected: found < at_least ? 0 : found, message };
      },
      badRows: `SELECT rule, source_ref, raw AS _raw ${from}`,
      ...(recount === undefined ? {} : { recount: { rejected: recount } }),
    };
  },
});

/** A rule that the model does not have: the check would never count anything. */
function unknownRule(rule: string, spec: CheckSpec, { reject, columns }: CheckedModel): Problem[] {
  const known = [
    ...reject.map(({ name }) => name),
    ...columns.flatMap(({ name, type }) => (type === undefined ? [] : [`invalid_${name}`])),
  ];
  if (known.includes(rule)) return [];
  const near = nearest(rule, known);
  const list = `The model's rules: ${known.join(", ") || "none"}.`;
  return [
    {
      message: `check rejected names the unknown rule ${rule}`,
      hint: near === undefined ? list : `Did you mean ${near}? ${list}`,
      ...placeOf(spec.location),
    },
  ];
}

function rejectsOf({ dataset, task }: CompileInput, rules: readonly string[] | undefined): string {
  return [
    `FROM ${task === undefined ? "ops.quarantine" : "ops.quarantine_log"} WHERE dataset = ${text(dataset)}`,
    ...(task === undefined ? [] : [`AND task_id = ${text(task.taskId)}`]),
    ...(rules === undefined ? [] : [`AND rule IN (${rules.map(text).join(", ")})`]),
  ].join(" ");
}

/** Counts keys whose newest version is a reject; undefined when the model does not choose the newest. */
function notFollowed({ key, newestBy }: JudgedTask, from: string, staged: string): string | undefined {
  if (key.length === 0 || newestBy.length === 0) return undefined;
  const given = (columns: JudgedTask["key"]) =>
    `(${columns.map(({ name, type }) => `accurateCastOrNull(JSONExtractString(raw, ${text(name)}), ${text(unwrap(type).base)})`).join(", ")})`;
  const own = (columns: JudgedTask["key"]) => `(${columns.map(({ name }) => ident(name)).join(", ")})`;
  const bad = `SELECT ${given(key)} AS k, ${given(newestBy)} AS n, true AS bad ${from}`;
  const good = `SELECT ${own(key)} AS k, ${own(newestBy)} AS n, false AS bad FROM ${staged} WHERE ${own(key)} IN (SELECT ${given(key)} ${from})`;
  const keys = `SELECT k FROM (${bad} UNION ALL ${good}) GROUP BY k HAVING argMax(bad, (n, bad))`;
  return `SELECT count() FROM (${keys})`;
}
