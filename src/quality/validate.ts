/** Judges a declared check before anything runs. */
import { z } from "zod";
import type { CheckSpec } from "../api/checks.ts";
import type { Model } from "../project/project.ts";
import type { Problem } from "../util/errors.ts";
import { nearest } from "../util/nearest.ts";
import { checkRegistry } from "./check-registry.ts";
import type { CheckedModel } from "./check-type.ts";
import { placeOf } from "./place.ts";

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

/** What is wrong with the checks of a model beside their arguments: names of rules that it does not have. */
export function problemsInModel(model: Pick<Model, "checks"> & CheckedModel): Problem[] {
  return model.checks.flatMap((spec) => checkRegistry.get(spec.type)?.problems(spec, model) ?? []);
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
  const schema = checkRegistry.get(type)?.arguments;
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}
