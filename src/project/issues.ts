/** Turns what zod found wrong into problems a person can act on: what, where, what is allowed, the nearest known name. */
import { z } from "zod";
import type { Problem } from "../util/errors.ts";
import { nearest } from "../util/nearest.ts";

/** Keys and positions from the top of a document down to a value. */
export type Path = readonly PropertyKey[];

/** Where a key path is in its file: the line of the key itself, or the nearest enclosing one that is known. */
export type LineOf = (path: Path) => number | undefined;

/** An object that refuses unknown keys. The error message lists the known ones, which `problemsOf` turns into a hint. */
export function object<Shape extends z.ZodRawShape>(shape: Shape) {
  const known = Object.keys(shape).join(", ");
  return z.strictObject(shape, {
    error: (issue) => (issue.code === "unrecognized_keys" ? known : undefined),
  });
}

/** One name or a list of names, as a list. */
export function names() {
  return z
    .union([z.string(), z.array(z.string()).readonly()], { error: "expected a name or a list of names" })
    .transform((value) => (typeof value === "string" ? [value] : value));
}

/** All problems of a failed parse, with `subject` ("sources.shop", "header") in front of the paths. */
export function problemsOf(error: z.ZodError, file: string, subject: string, lineOf: LineOf): Problem[] {
  return error.issues.flatMap((issue) =>
    issue.code === "unrecognized_keys"
      ? issue.keys.map((key) => ({
          ...unknownName(`key "${key}"`, key, issue.message.split(", "), place(subject, issue.path)),
          ...at(file, lineOf([...issue.path, key])),
        }))
      : [{ message: messageFor(issue, subject), ...at(file, lineOf(issue.path)) }],
  );
}

/** `unknown <what> in <where>`, with the nearest known name, or all of them. */
export function unknownName(what: string, given: string, known: readonly string[], where: string): Problem {
  const close = nearest(given, known);
  const list = known.length > 12 ? `${known.slice(0, 12).join(", ")}, ...` : known.join(", ") || "none";
  const hint = close === undefined ? `known are: ${list}` : `did you mean "${close}"?`;
  return { message: `unknown ${what}${where === "" ? "" : ` in ${where}`}`, hint };
}

/** File and, when known, line of a problem. */
export function at(file: string, line: number | undefined): Pick<Problem, "file" | "line"> {
  return line === undefined ? { file } : { file, line };
}

function messageFor(issue: z.core.$ZodIssue, subject: string): string {
  const where = place(subject, issue.path) || "the value";
  if (issue.code === "invalid_type" && /received undefined/.test(issue.message))
    return `${where} is missing: expected ${issue.expected}`;
  if (issue.code === "invalid_value")
    return `${where} must be ${issue.values.length > 1 ? "one of " : ""}${issue.values.map((v) => JSON.stringify(v)).join(", ")}`;
  const inner = issue.code === "invalid_key" ? issue.issues[0]?.message : undefined;
  return `${where}: ${(inner ?? issue.message).replace(/^Invalid input: /, "")}`;
}

function place(subject: string, path: Path): string {
  const steps = path.map(String);
  return [...(subject === "" ? [] : [subject]), ...steps].join(".");
}

/** "models/silver/orders.sql:12  unknown column" */
export function problemLine({ file, line, message }: Problem): string {
  if (file === undefined) return message;
  return `${file}${line === undefined ? "" : `:${line}`}  ${message}`;
}

/** Problems by file and line, without doubles. */
export function sortProblems(problems: readonly Problem[]): Problem[] {
  const unique = new Map(problems.map((p) => [`${p.file}:${p.line}:${p.message}`, p]));
  return [...unique.values()].sort(
    (a, b) =>
      compare(a.file ?? "", b.file ?? "") || (a.line ?? 0) - (b.line ?? 0) || compare(a.message, b.message),
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
