/** Checks as a header spells them (ours and dbt's) -> complete `CheckSpec`s. */
import { z } from "zod";
import type { CheckSpec, Severity } from "../api/checks.ts";
import { type Dimension, dimensions } from "../api/dimensions.ts";
import type { Problem } from "../util/errors.ts";
import { at, type LineOf, object, type Path, problemsOf, unknownName } from "./issues.ts";
import type { Kinds } from "./kinds.ts";

/** Where a list of checks is written. */
export interface CheckPlace {
  /** Relative to the project. */
  readonly file: string;
  /** Path of the list within the header: ["columns", "order_id", "checks"]. */
  readonly path: Path;
  /** The column it is declared under; absent: it is one of the table. */
  readonly column?: string;
  /** Line of a path within the header. */
  readonly lineOf: LineOf;
  /** All check types there are. */
  readonly types: Kinds["checks"];
}

const severity = z.enum(["warn", "error"]);

/** A number of rows, a percentage as text ("5%"), or an object that says which. */
export const thresholdSchema = z
  .union(
    [
      z.number().int().nonnegative(),
      z.string().regex(/^\d+(\.\d+)?\s*%$/),
      object({ rows: z.number().int().nonnegative() }),
      object({ percent: z.coerce.number().min(0).max(100) }),
    ],
    { error: 'expected rows or percent: 10, "5%", { rows: 10 } or { percent: 5 }' },
  )
  .transform((value): NonNullable<CheckSpec["threshold"]> => {
    if (typeof value === "number") return { rows: value };
    return typeof value === "string" ? { percent: Number.parseFloat(value) } : value;
  });

/** dbt's condition on the number of bad rows; others than these cannot be a threshold. */
const rowCondition = z
  .string()
  .regex(/^\s*(>\s*\d+|>=\s*[1-9]\d*|!=\s*0)\s*$/, 'expected "> 10", ">= 10" or "!= 0"')
  .transform((text) => {
    const number = Number(/\d+/.exec(text)?.[0]);
    return text.includes(">=") ? number - 1 : number;
  });

const config = object({
  severity: severity.optional(),
  where: z.string().optional(),
  warn_if: rowCondition.optional(),
  error_if: rowCondition.optional(),
});

const options = z.looseObject({
  name: z.string().optional(),
  arguments: z.record(z.string(), z.unknown()).default({}),
  severity: severity.optional(),
  where: z.string().optional(),
  threshold: thresholdSchema.optional(),
  dimension: z.enum(dimensions).optional(),
  config: config.prefault({}),
});
const optionNames = Object.keys(options.shape);

/** The specs of a list of checks; what is wrong goes to `problems`. Two checks of one type and place get numbered names. */
export function readChecks(list: readonly unknown[], place: CheckPlace, problems: Problem[]): CheckSpec[] {
  return list.flatMap((item, i) => readCheck(item, { ...place, path: [...place.path, i] }, problems));
}

function readCheck(item: unknown, place: CheckPlace, problems: Problem[]): CheckSpec[] {
  const found = typeAndBody(item);
  const line = place.lineOf(place.path);
  if (!found) {
    problems.push({
      message: "a check is a type, or one type with its arguments",
      hint: "write not_null, or { accepted_range: { min: 0 } }",
      ...at(place.file, line),
    });
    return [];
  }
  const type = place.types.get(found.type);
  if (type === undefined) {
    problems.push({
      ...unknownName(`check type "${found.type}"`, found.type, [...place.types.keys()], ""),
      ...at(place.file, place.lineOf([...place.path, found.type]) ?? line),
    });
    return [];
  }
  const parsed = options.safeParse(found.body ?? {});
  if (!parsed.success) {
    const lineOf = (path: Path) => place.lineOf([...place.path, found.type, ...path]);
    problems.push(...problemsOf(parsed.error, place.file, `check ${found.type}`, lineOf));
    return [];
  }
  return specs(
    found.type,
    { ...parsed.data, dimension: parsed.data.dimension ?? type.dimension },
    place,
    line,
  );
}

function typeAndBody(item: unknown): { type: string; body: unknown } | undefined {
  if (typeof item === "string") return { type: item, body: undefined };
  if (typeof item !== "object" || item === null || Array.isArray(item)) return undefined;
  const entries = Object.entries(item);
  const [type, body] = entries[0] ?? [];
  return entries.length === 1 && type !== undefined ? { type, body } : undefined;
}

function specs(
  type: string,
  given: z.output<typeof options> & { readonly dimension: Dimension },
  place: CheckPlace,
  line: number | undefined,
): CheckSpec[] {
  const flat = Object.entries(given).filter(([key]) => !optionNames.includes(key));
  const args = { ...Object.fromEntries(flat), ...given.arguments };
  const where = given.where ?? given.config.where;
  const base = {
    name: given.name ?? defaultName(type, place.column, args),
    type,
    ...(place.column === undefined ? {} : { column: place.column }),
    arguments: args,
    ...(where === undefined ? {} : { where }),
    dimension: given.dimension,
    location: line === undefined ? place.file : `${place.file}:${line}`,
  } as const;
  return levels(given).map(({ suffix, severity, threshold }) => ({
    ...base,
    name: base.name + suffix,
    severity,
    ...(threshold === undefined ? {} : { threshold }),
  }));
}

interface Level {
  readonly suffix: string;
  readonly severity: Severity;
  readonly threshold: CheckSpec["threshold"];
}

/**
 * dbt's rule (docs.getdbt.com/reference/resource-configs/severity): with severity error, `error_if` (default "!= 0") fails
 * and below it `warn_if` warns; with severity warn only `warn_if` counts. Two limits become two checks.
 */
function levels(given: z.output<typeof options>): Level[] {
  const severity = given.severity ?? given.config.severity ?? "error";
  const { warn_if, error_if } = given.config;
  if (severity === "warn") return [{ suffix: "", severity, threshold: given.threshold ?? rows(warn_if) }];
  const error: Level = { suffix: "", severity, threshold: given.threshold ?? rows(error_if) };
  if (warn_if === undefined || error_if === undefined || warn_if >= error_if) return [error];
  return [error, { suffix: "_warning", severity: "warn", threshold: rows(warn_if) }];
}

function rows(limit: number | undefined): CheckSpec["threshold"] {
  return limit === undefined ? undefined : { rows: limit };
}

function defaultName(type: string, column: string | undefined, args: Record<string, unknown>): string {
  const columns = args["columns"] ?? args["column"];
  const of = Array.isArray(columns) ? columns.join("_") : typeof columns === "string" ? columns : undefined;
  return [type, column ?? of].filter((part) => part !== undefined && part !== "").join("_");
}

/** Gives later checks of the same name a number: unique_email, unique_email_2. */
export function uniqueNames(checks: readonly CheckSpec[]): CheckSpec[] {
  const seen = new Map<string, number>();
  return checks.map((check) => {
    const count = (seen.get(check.name) ?? 0) + 1;
    seen.set(check.name, count);
    return count === 1 ? check : { ...check, name: `${check.name}_${count}` };
  });
}
