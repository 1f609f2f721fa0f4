/** `shoplake check` against what runs said of the same rows. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCommandLine } from "../../src/cli/command-line.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { openEngine } from "../../src/engine/open.ts";
import type { RunReport } from "../../src/pipeline/types.ts";
import type { CheckResult } from "../../src/quality/check.ts";
import { writeSmallShop } from "./small-shop.ts";
import { testContext } from "./terminal.ts";

const buyers = "SELECT customer, total FROM silver.orders\n";
const shop = writeSmallShop({ "models/gold/buyers.sql": `/*\ndescription: Who bought.\n*/\n${buyers}` });
let engine: Engine;

async function run(...args: string[]) {
  const context = testContext({}, { cwd: shop.dir, env: { PATH: process.env["PATH"] } });
  const code = await runCommandLine({ ...context, clock: () => new Date() }, args);
  return { code, stdout: context.stdout.text, stderr: context.stderr.text };
}
const check = async (...args: string[]) => {
  const { code, stdout } = await run("check", ...args, "--json");
  return { code, results: JSON.parse(stdout) as CheckResult[] };
};

beforeAll(async () => {
  const config = { kind: "embedded", memoryBytes: 1_000_000_000, threads: 2, slots: 4 } as const;
  engine = await openEngine({ stateDir: join(shop.dir, ".shoplake"), config, env: process.env });
});
afterAll(async () => {
  await engine?.close();
  shop.remove();
});

describe("check", () => {
  test("runs what a run has run, and finds the same", async () => {
    const lines = (await run("run", "--json")).stdout.trimEnd().split("\n");
    const { report } = JSON.parse(lines.at(-1) ?? "") as { report: RunReport };
    const ran = report.tasks.flatMap((task) => task.checks);
    expect(ran.map(({ dataset, name }) => `${dataset} ${name}`).sort()).toEqual([
      "gold.daily_sales unique_day",
      "silver.orders regex_customer",
      "silver.orders row_count",
      "silver.orders unique_order_id",
    ]);
    const { code, results } = await check();
    expect(code).toBe(0);
    expect(new Set(results)).toEqual(new Set(ran));
  });

  test("a key that published rows do not keep fails", async () => {
    writeFileSync(join(shop.dir, "models/gold/buyers.sql"), `/*\nkey: customer\n*/\n${buyers}`);
    const { code, results } = await check("gold.buyers");
    expect(code).toBe(1);
    expect(results).toMatchObject([
      {
        name: "unique_customer",
        status: "fail",
        unexpected_count: 1,
        sample: [{ customer: "ann", rows: "2" }],
      },
    ]);
  });
});
