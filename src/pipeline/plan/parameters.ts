/** Values of the parameters that a model may use. */
import { standardParameters, standardValue } from "../../project/parameters.ts";
import type { Model } from "../../project/project.ts";
import { ShoplakeError } from "../../util/errors.ts";
import type { Reading } from "../context.ts";

/**
 * - `today`: the day in the project's timezone; a model that uses it is rebuilt every day
 * - `timezone`, `currency`: of the project
 * - `interval_start`, `interval_end`: of the run; without an interval 1970-01-01 and 2106-01-01
 */
export function parameterValues(task: Reading, model: Model): Readonly<Record<string, string>> {
  const { catalogue, host } = task;
  const interval: Readonly<Record<string, string>> = {
    interval_start: task.interval?.start ?? "1970-01-01 00:00:00",
    interval_end: task.interval?.end ?? "2106-01-01 00:00:00",
  };
  return Object.fromEntries(
    Object.keys(model.parameters).map((name) => {
      const value = standardValue(name, catalogue.project, host.clock()) ?? interval[name];
      if (value !== undefined) return [name, value];
      throw new ShoplakeError("model", `unknown parameter {${name}}`, {
        where: model.file,
        allowed: `A model may use ${[...standardParameters, ...Object.keys(interval)].join(", ")}.`,
      });
    }),
  );
}
