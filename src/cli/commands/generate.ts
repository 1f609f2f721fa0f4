import { resolve } from "node:path";
import { writeTruth } from "../../app/shop.ts";
import { fileFormats } from "../../generator/files/formats.ts";
import { fileTarget } from "../../generator/files/target.ts";
import type { ShopTarget } from "../../generator/target.ts";
import { lookUp } from "../../project/env.ts";
import { ShoplakeError } from "../../util/errors.ts";
import type { CommandSpec, Options } from "../command.ts";
import { type CliContext, say, writeJson } from "../context.ts";
import { decimal, shopChoice, shopSizeOptions } from "../options/shop-size.ts";
import { textOption } from "../options/values.ts";
import { bringOnAndTell, fillAndTell } from "../terminal/load.ts";

const variable = "SHOP_DATABASE_URL";
const authority = "SHOP_CA";

/** Throws `usage` when neither a database nor a folder is named, and when another shop or something else is there. */
export const command: CommandSpec = {
  name: "generate",
  description: `Write a synthetic shop into an empty PostgreSQL database, or as text files: customers, products, campaigns, orders, their items and stock moves that fit together, some rows bad on purpose. The same seed, scale and first day give the same shop; --day brings it one day on.`,
  options: [
    { flags: "--url-from <variable>", description: "environment variable with the URL", default: variable },
    {
      flags: "--ca-from <variable>",
      description:
        "environment variable with the certificate (PEM) of the authority that signed the server's; when it is set, TLS is required",
      default: authority,
    },
    { flags: "--out <dir>", description: "write files into this folder instead" },
    { flags: "--format <format>", description: "format of the files (default: csv)", choices: fileFormats },
    ...shopSizeOptions,
    { flags: "--until <date>", description: "last day of the history (default: yesterday, UTC)" },
    {
      flags: "--faults <number>",
      description: "of 1,000 rows of a table, how many have each kind of fault (default: 2)",
      parse: decimal("--faults"),
    },
    { flags: "--day <date>", description: "bring the shop that is there on by its next day" },
    {
      flags: "--truth <file>",
      description: "write which rows are bad, and the right value of every KPI, as JSON",
    },
    {
      flags: "--timezone <name>",
      description: "timezone of the reporting days of the KPIs in the truth file",
      default: "Europe/Berlin",
    },
  ],
  examples: [
    [`${variable}=postgres://... shoplake generate`, "a small shop"],
    ["shoplake generate --scale 1 --seed 42 --truth truth.json", "500,000 orders, and the right answers"],
    ["shoplake generate --day 2026-07-01", "what happened on the next day"],
    ["shoplake generate --out inbox --format jsonl", "as files"],
  ],
  async run(context, _args, options) {
    const day = textOption(options, "day");
    if (day !== undefined && options["until"] !== undefined)
      throw new ShoplakeError("usage", "--day and --until are given together", {
        allowed: "--until for a new shop, --day for one that is there",
      });
    const target = await targetOf(context, options);
    const choice = shopChoice(options, context.clock());
    const filled =
      day === undefined
        ? await fillAndTell(context, target, choice)
        : await bringOnAndTell(context, target, { until: day, wanted: choice.wanted });
    const truth = textOption(options, "truth");
    const timezone = textOption(options, "timezone") ?? "UTC";
    if (truth !== undefined) await writeTruth(target, resolve(context.cwd, truth), timezone);
    if (context.flags.json) writeJson(context, filled);
    else say(context, filled.summary);
  },
};

async function targetOf({ env, cwd }: CliContext, options: Options): Promise<ShopTarget> {
  const out = textOption(options, "out");
  const format = fileFormats.find((each) => each === textOption(options, "format"));
  if (out !== undefined) return fileTarget(resolve(cwd, out), format);
  if (format !== undefined)
    throw new ShoplakeError("usage", "--format is for files", {
      allowed: "--format together with --out <dir>",
    });
  const name = textOption(options, "urlFrom") ?? variable;
  const url = variableValue(name, { env, cwd });
  if (url !== undefined) {
    const { postgresTarget } = await import("../../generator/postgres/target.ts");
    const ca = variableValue(textOption(options, "caFrom") ?? authority, { env, cwd });
    return postgresTarget({ url, ...(ca !== undefined && { tls: { ca, rejectUnauthorized: true } }) });
  }
  throw new ShoplakeError("usage", `the environment variable ${name} is not set`, {
    allowed: "postgres://user:password@host:5432/database",
    hint: "set it, write files with --out <dir>, or try `shoplake demo`, which brings its own PostgreSQL",
  });
}

/** Of a variable or of the file that `<name>_FILE` names, as in a configuration; undefined: none is set, or it is empty. */
function variableValue(name: string, { env, cwd }: Pick<CliContext, "env" | "cwd">): string | undefined {
  if (!env[name] && !env[`${name}_FILE`]) return undefined;
  const found = lookUp(name, [{ label: "the environment", values: env }], cwd);
  if (found.found) return found.value;
  throw new ShoplakeError("usage", found.message, { hint: found.hint });
}
