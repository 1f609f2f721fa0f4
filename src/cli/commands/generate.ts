import { ShoplakeError } from "../../util/errors.ts";
import type { CommandSpec } from "../command.ts";
import { say, writeJson } from "../context.ts";
import { shopChoice, shopSizeOptions } from "../shop-size.ts";
import { textOption } from "../values.ts";

const variable = "SHOP_DATABASE_URL";

export const command: CommandSpec = {
  name: "generate",
  description: `Load a synthetic shop into an empty PostgreSQL database: customers, products, orders, order items, some rows bad on purpose. The database is the one of ${variable}.`,
  options: [
    { flags: "--url-from <variable>", description: "environment variable with the URL", default: variable },
    ...shopSizeOptions,
  ],
  examples: [
    [`${variable}=postgres://... shoplake generate`, "a small shop"],
    ["shoplake generate --scale 1 --seed 7", "a larger one; the same seed gives the same rows"],
  ],
  async run(context, _args, options) {
    const name = textOption(options, "urlFrom") ?? variable;
    const url = context.env[name];
    if (url === undefined || url === "")
      throw new ShoplakeError("usage", `the environment variable ${name} is not set`, {
        allowed: "postgres://user:password@host:5432/database",
        hint: "set it, or try `shoplake demo`, which brings its own PostgreSQL",
      });
    const { fillShop } = await import("../demo-shop.ts");
    const filled = await fillShop(context, url, shopChoice(options, context.clock()));
    if (context.flags.json) writeJson(context, filled);
    else say(context, filled.summary);
  },
};
