/** Values that models and queries may use without being given them. */
import type { NamedQuery, Project } from "./project.ts";

type Defaults = Pick<Project, "timezone" | "currency">;

const standard: Readonly<Record<string, (project: Defaults, now: Date) => string>> = {
  today: ({ timezone }, now) => new Intl.DateTimeFormat("en-CA", { timeZone: timezone }).format(now),
  timezone: ({ timezone }) => timezone,
  currency: ({ currency }) => currency,
};

/** `{today:Date}`, `{timezone:String}`, `{currency:String}` */
export const standardParameters: readonly string[] = Object.keys(standard);

/**
 * The value of a standard parameter; undefined for another name. `today` is the day in the project's timezone, as YYYY-MM-DD,
 * the others are those of the project.
 */
export function standardValue(name: string, project: Defaults, now: Date): string | undefined {
  return standardParameters.includes(name) ? standard[name]?.(project, now) : undefined;
}

/** The value of each parameter of a query that is not given one: its header's default, else the standard one; undefined: it must be given. */
export function queryDefaults(
  { parameters }: Pick<NamedQuery, "parameters">,
  project: Defaults,
  now: Date,
): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, parameter]) => [
      name,
      parameter.default ?? standardValue(name, project, now),
    ]),
  );
}
