/** Turns texts of the command line into values; what is wrong becomes a `usage` error. */
import { ShoplakeError } from "../../util/errors.ts";
import type { Options } from "../command.ts";

/** For `parse` of an option: a whole number of at least `least`. */
export function integer(option: string, least = 0): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (/^\d+$/.test(value) && Number.isSafeInteger(number) && number >= least) return number;
    throw new ShoplakeError("usage", `${option} is "${value}"`, {
      allowed: `a whole number, ${least} or more`,
    });
  };
}

/** For `parse` of a repeatable option `key=value`: an object of all of them. */
export function assignment(option: string): (value: string, previous: unknown) => Record<string, string> {
  return (value, previous) => {
    const split = value.indexOf("=");
    if (split < 1)
      throw new ShoplakeError("usage", `${option} is "${value}"`, {
        allowed: "name=value",
        hint: `for example: ${option} month=2026-01`,
      });
    return {
      ...(previous as Record<string, string> | undefined),
      [value.slice(0, split)]: value.slice(split + 1),
    };
  };
}

/** For `parse` of a repeatable option: a list of all of them. */
export function list(value: string, previous: unknown): readonly string[] {
  return [...((previous as readonly string[] | undefined) ?? []), value];
}

/** For `parse` of a time: ISO date or date-time, returned as given. */
export function time(option: string): (value: string) => string {
  return (value) => {
    if (
      /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:?\d{2})?)?$/.test(value) &&
      !Number.isNaN(Date.parse(value))
    )
      return value;
    throw new ShoplakeError("usage", `${option} is "${value}"`, {
      allowed: "an ISO date or time: 2026-01-31, 2026-01-31T12:00:00Z",
    });
  };
}

/** An option as text; undefined when it was not given. */
export function textOption(options: Options, name: string): string | undefined {
  const value = options[name];
  return typeof value === "string" ? value : undefined;
}

/** An option that `integer` parsed or that has a number as default. */
export function numberOption(options: Options, name: string): number | undefined {
  const value = options[name];
  return typeof value === "number" ? value : undefined;
}
