/** The arguments and options that `plan` and `run` share. */
import type { PlanOptions } from "../../pipeline/index.ts";
import { ShoplakeError } from "../../util/errors.ts";
import type { ArgumentSpec, OptionSpec, Options } from "../command.ts";
import { textOption, time } from "./values.ts";

/** What is selected; nothing: all. */
export const selectArgument: ArgumentSpec = {
  name: "[select...]",
  description:
    "datasets: silver.orders, gold.dim_*, bronze, tag:daily, +gold.sales, silver.orders+, a schedule's name (default: all)",
  completes: "dataset",
};

/** Options of `plan` and `run`, beside what is selected. */
export const planOptionSpecs: readonly OptionSpec[] = [
  { flags: "--full-refresh", description: "rebuild the selected models from all their input rows" },
  {
    flags: "--interval-start <time>",
    description: "with --interval-end: rebuild the partitions of that time only; included",
    parse: time("--interval-start"),
  },
  { flags: "--interval-end <time>", description: "not included", parse: time("--interval-end") },
];

/** Options of a plan from the command line. */
export function planOptions(select: readonly string[], options: Options): PlanOptions {
  const intervalStart = textOption(options, "intervalStart");
  const intervalEnd = textOption(options, "intervalEnd");
  if ((intervalStart === undefined) !== (intervalEnd === undefined))
    throw new ShoplakeError("usage", "an interval needs a start and an end", {
      allowed: "--interval-start and --interval-end together",
    });
  if (
    intervalStart !== undefined &&
    intervalEnd !== undefined &&
    Date.parse(intervalStart) >= Date.parse(intervalEnd)
  )
    throw new ShoplakeError("usage", `the interval from ${intervalStart} to ${intervalEnd} is empty`, {
      hint: "the end is not included: for one day, end on the day after",
    });
  return {
    select,
    fullRefresh: options["fullRefresh"] === true,
    ...(intervalStart === undefined || intervalEnd === undefined ? {} : { intervalStart, intervalEnd }),
  };
}
