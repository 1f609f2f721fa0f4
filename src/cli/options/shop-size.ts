/** The options of `demo` and `generate` that say what the shop is like. */
import type { ShopChoice } from "../../app/shop.ts";
import { shopPlan } from "../../generator/plan.ts";
import { ShoplakeError } from "../../util/errors.ts";
import type { OptionSpec, Options } from "../command.ts";
import { integer, numberOption, textOption } from "./values.ts";

/** Options of `demo` and `generate`. */
export const shopSizeOptions: readonly OptionSpec[] = [
  {
    flags: "--scale <number>",
    description: "size: 1 is 100,000 customers, 50,000 products, 500,000 orders in 24 months (default: 0.01)",
    parse: decimal("--scale"),
  },
  {
    flags: "--seed <number>",
    description: "the same seed gives the same shop (default: 1)",
    parse: integer("--seed"),
  },
  {
    flags: "--months <number>",
    description: "months of history (default: 24)",
    parse: integer("--months", 1),
  },
];

/** What was given on the command line; the history ends with the last full day (UTC) unless --until says otherwise. */
export function shopChoice(options: Options, now: Date): ShopChoice {
  const [seed, scale, months] = ["seed", "scale", "months"].map((name) => numberOption(options, name));
  const [faults, until] = [numberOption(options, "faults"), textOption(options, "until")];
  const plan = shopPlan({
    until: until ?? dayBefore(now),
    ...(seed !== undefined && { seed }),
    ...(scale !== undefined && { scale }),
    ...(months !== undefined && { months }),
    ...(faults !== undefined && { faults }),
  });
  const wanted = {
    ...(seed !== undefined && { seed }),
    ...(scale !== undefined && { scale }),
    ...(faults !== undefined && { faults }),
    ...(until !== undefined && { until: plan.until, first: plan.first }),
  };
  return { plan, wanted };
}

function dayBefore(now: Date): string {
  return new Date(now.getTime() - 86_400_000).toISOString().slice(0, 10);
}

/** For `parse` of an option: a number that is not negative. */
export function decimal(option: string): (value: string) => number {
  return (value) => {
    if (/^\d*\.?\d+$/.test(value)) return Number(value);
    throw new ShoplakeError("usage", `${option} is "${value}"`, {
      allowed: "a number, 0 or more",
      hint: `for example: ${option} 0.1`,
    });
  };
}
