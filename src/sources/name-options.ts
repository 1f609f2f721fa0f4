/** The options of names, the same for every kind of source. */
import { z } from "zod";
import { names } from "../project/issues.ts";
import { own, recordOf } from "../util/own.ts";
import { isLegal } from "./column-names.ts";
import { isReserved, standIn } from "./reserved-names.ts";

/** A record of texts whose keys are names from outside, complete even for a key like `__proto__`. */
export function textRecord() {
  return z
    .custom<Readonly<Record<string, string>>>(isTexts, "expected names, each with its text")
    .transform((given) => recordOf(Object.entries(given)));
}

function isTexts(given: unknown): boolean {
  if (typeof given !== "object" || given === null || Array.isArray(given)) return false;
  return Object.values(given).every((value) => typeof value === "string" && value !== "");
}

const rename = textRecord().superRefine((given, context) => {
  const seen = new Map<string, string>();
  for (const [from, name] of Object.entries(given)) {
    const fault = faultOf(name);
    const twin = seen.get(name.toLowerCase());
    if (fault !== undefined) context.addIssue({ code: "custom", path: [from], message: fault });
    else if (twin !== undefined && own(given, twin) !== name)
      context.addIssue({
        code: "custom",
        path: [from],
        message: `differs from that of ${twin} in case only`,
      });
    seen.set(name.toLowerCase(), from);
  }
});

function faultOf(name: string): string | undefined {
  if (isReserved(name))
    return `${name} is written by Shoplake itself: take another name, e.g. ${standIn(name)}`;
  return isLegal(name)
    ? undefined
    : `${JSON.stringify(name)} cannot be the name of a column: no blanks, none of ,;{}()=`;
}

/** Of one table; left out: see ColumnNamesSpec. */
export const nameOptions = {
  names: z.enum(["keep", "snake_case"]).optional(),
  rename: rename.optional(),
  include: names().optional(),
  exclude: names().optional(),
};
