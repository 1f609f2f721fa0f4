/** The options of `demo` and `generate` that say how large the shop is. */
import type { OptionSpec, Options } from "./command.ts";
import type { ShopSize } from "./demo-shop.ts";
import { integer, numberOption } from "./values.ts";

const sizes = [
  ["seed", "the same seed gives the same shop", 0],
  ["customers", "number of customers", 1],
  ["products", "number of products", 1],
  ["orders", "number of orders", 1],
  ["months", "months of history", 1],
] as const;

export const shopSizeOptions: readonly OptionSpec[] = sizes.map(([name, description, least]) => ({
  flags: `--${name} <number>`,
  description,
  parse: integer(`--${name}`, least),
}));

/** What was given on the command line. */
export function shopSize(options: Options): ShopSize {
  const given = sizes.flatMap(([name]) => {
    const value = numberOption(options, name);
    return value === undefined ? [] : [[name, value]];
  });
  return Object.fromEntries(given) as ShopSize;
}
