/** Judges a declared check before anything runs. */
import type { z } from "zod";
import type { CheckSpec } from "../api/checks.ts";
import type { Model } from "../project/project.ts";
import type { Problem } from "../util/errors.ts";
import { nearest } from "../util/nearest.ts";
import { checkRegistry } from "./checks/registry.ts";

/** What is wrong with a check: unknown type, unknown, missing or unfit arguments. Empty: nothing. */
export function validateCheck(spec: CheckSpec): Problem[] {
  const type = checkRegistry.get(spec.type);
  if (!type) {
    const near = nearest(spec.type, checkRegistry.keys());
    const known = `Known types: ${[...checkRegistry.keys()].join(", ")}.`;
    const hint = near === undefined ? known : `Did you mean ${near}? ${known}`;
    return [{ message: `unknown check type ${spec.type}`, hint, ...placeOf(spec.location) }];
  }
  const parsed = type.arguments.safeParse(spec.arguments);
  const problems = parsed.success ? [] : parsed.error.issues.flatMap((issue) => problemOf(spec, issue));
  if (type.needsColumn && !namesColumn(spec))
    problems.push({
      message: `check ${spec.type} needs a column`,
      hint: `Put it under a column, or name one: { ${spec.type}: { column: ... } }`,
      ...placeOf(spec.location),
    });
  return problems;
}

/** Rules that a `rejected` check names and the model does not have: the check would never count anything. */
export function unknownRules({
  checks,
  reject,
  columns,
}: Pick<Model, "checks" | "reject" | "columns">): Problem[] {
  const known = [
    ...reject.map((rule) => rule.name),
    ...columns.flatMap((column) => (column.type === undefined ? [] : [`invalid_${column.name}`])),
  ];
  return checks.flatMap((spec) => {
    const { rules } = spec.arguments;
    if (spec.type !== "rejected" || !Array.isArray(rules)) return [];
    return rules.map(String).flatMap((rule) => {
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
    });
  });
}

function namesColumn(spec: CheckSpec): boolean {
  return spec.column !== undefined || "column" in spec.arguments || "columns" in spec.arguments;
}

function problemOf(spec: CheckSpec, issue: z.core.$ZodIssue): Problem[] {
  const place = placeOf(spec.location);
  if (issue.code === "unrecognized_keys") {
    const known = argumentNames(spec.type);
    return issue.keys.map((key) => {
      const near = nearest(key, known);
      const list = known.length === 0 ? "It takes none." : `It takes: ${known.join(", ")}.`;
      return {
        message: `check ${spec.type} has no argument ${key}`,
        hint: near === undefined ? list : `Did you mean ${near}? ${list}`,
        ...place,
      };
    });
  }
  const path = issue.path.map(String).join(".");
  return [
    { message: `check ${spec.type}${path === "" ? "" : `, argument ${path}`}: ${issue.message}`, ...place },
  ];
}

/** Names of the arguments a type takes. */
export function argumentNames(type: string): string[] {
  const schema = checkRegistry.get(type)?.arguments as
    | { readonly shape?: Readonly<Record<string, unknown>> }
    | undefined;
  return Object.keys(schema?.shape ?? {});
}

/** "models/silver/orders.sql:9" -> { file, line } */
export function placeOf(location: string): { readonly file: string; readonly line?: number } {
  const match = /^(.*):(\d+)$/.exec(location);
  return match ? { file: match[1] ?? "", line: Number(match[2]) } : { file: location };
}
