/** freshness: the newest value of a date or time column is not older than a limit. */
import { z } from "zod";
import { type Answers, defineCheck, type Finding } from "../check-type.ts";
import { bracket, columnOf, durationMs, whereClause } from "../sql-pieces.ts";

const duration = z
  .string()
  .refine((value) => durationMs(value) !== undefined, 'expected a duration like "90m", "36h", "1d", "2w"');

/** The check type `freshness`. */
export const freshness = defineCheck({
  type: "freshness",
  dimension: "timeliness",
  needsColumn: true,
  judges: "dataset",
  arguments: z
    .strictObject({
      column: z.string().optional(),
      /** Older than this: the check's severity applies. */
      max_age: duration.optional(),
      /** Older than this: a warning. */
      warn_after: duration.optional(),
      /** Older than this: an error. */
      error_after: duration.optional(),
    })
    .refine(
      (args) => args.max_age !== undefined || args.warn_after !== undefined || args.error_after !== undefined,
      'needs max_age, warn_after or error_after, e.g. max_age: "1d"',
    ),
  compile: (spec, args, input) => {
    const column = columnOf(spec, args);
    const seconds = `toUnixTimestamp64Milli(toDateTime64(${column}, 3))`;
    const newest =
      spec.where === undefined ? `maxOrNull(${seconds})` : `maxOrNullIf(${seconds}, ${bracket(spec.where)})`;
    return {
      aggregates: { newest },
      judge: (answers) => judge(answers, args, input.now),
      badRows: `SELECT max(${column}) AS newest FROM ${input.from}${whereClause(spec.where)}`,
    };
  },
});

interface Limits {
  readonly max_age?: string | undefined;
  readonly warn_after?: string | undefined;
  readonly error_after?: string | undefined;
}

function judge(answers: Answers, limits: Limits, now: Date): Finding {
  const newest = answers["newest"];
  if (newest === null || newest === undefined)
    return {
      elements: 1,
      unexpected: 1,
      message: "no rows, so nothing is fresh",
      sample: [{ newest: null }],
    };
  const age = now.getTime() - Number(newest);
  const at = new Date(Number(newest)).toISOString();
  const broken = brokenLimit(age, limits);
  const message = `newest is ${at}, ${hours(age)} old`;
  if (!broken) return { elements: 1, unexpected: 0, message };
  return {
    elements: 1,
    unexpected: 1,
    message: `${message}; allowed: ${broken.limit}`,
    sample: [{ newest: at, age: hours(age) }],
    ...(broken.severity === undefined ? {} : { severity: broken.severity }),
  };
}

function brokenLimit(
  age: number,
  limits: Limits,
): { readonly limit: string; readonly severity?: "warn" | "error" } | undefined {
  const over = (limit: string | undefined): limit is string =>
    limit !== undefined && age > (durationMs(limit) ?? 0);
  if (over(limits.error_after)) return { limit: limits.error_after, severity: "error" };
  if (over(limits.max_age)) return { limit: limits.max_age };
  if (over(limits.warn_after)) return { limit: limits.warn_after, severity: "warn" };
  return undefined;
}

function hours(ms: number): string {
  const total = Math.max(0, ms) / 3_600_000;
  return total < 48 ? `${total.toFixed(1)} h` : `${(total / 24).toFixed(1)} days`;
}
