import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { defaultScale } from "../../generator/plan.ts";
import type { CommandSpec } from "../command.ts";
import { type CliContext, say } from "../context.ts";
import { headlineOf } from "../demo/kpis.ts";
import { shopChoice, shopSizeOptions } from "../demo/shop-size.ts";
import { withProject } from "../open.ts";
import { runAndReport } from "../run-and-report.ts";
import { writeTemplate } from "../templates.ts";
import { duration } from "../terminal/style.ts";
import type { SummaryInput } from "../terminal/summary.ts";
import { numberOption, textOption } from "../values.ts";

export const command: CommandSpec = {
  name: "demo",
  description:
    "Watch a whole shop flow: generates customers, products and orders into a real PostgreSQL (some rows are bad on purpose), writes a project, runs it, and shows what came out. Run it again and there is nothing left to do.",
  options: [
    {
      flags: "--dir <dir>",
      description: "folder of the demo project (default: shoplake-demo, or shoplake-demo-<scale>)",
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
    if (!existsSync(join(dir, "shoplake.config.ts"))) {
      const files = await writeTemplate("commerce", dir);
      say(context, `wrote a project of ${files.length} files into ${shown}`);
    }
    say(context, "starting PostgreSQL and loading the shop");
    const { startDemoShop } = await import("../demo/demo-shop.ts");
    const shop = await startDemoShop(context, dir, shopChoice(options, context.clock()));
    try {
      say(context, `  ${shop.summary} (${duration(context.clock().getTime() - started)})`);
      await writeFile(join(dir, ".env"), environmentFile(shop.url), { mode: 0o600 });
      return await runDemo({ ...context, flags: { ...context.flags, project: dir } }, shown);
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
    const headline = () => headlineOf(host.engine, catalogue.project, host.clock());
    const { exitCode } = await runAndReport(context, project, {}, { headline, next: nextSteps(shown) });
    return exitCode;
  });
}

function environmentFile(url: string): string {
  return `# The demo's PostgreSQL. It runs while \`shoplake demo\` does; queries on what was published need no server.
SHOP_DATABASE_URL=${url}
`;
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
