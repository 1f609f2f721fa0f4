/** `shoplake check` against what runs said of the same rows. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CheckResult } from "../../src/api/checks.ts";
import { runCommandLine } from "../../src/cli/command-line.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { openEngine } from "../../src/engine/open.ts";
import type { RunReport } from "../../src/pipeline/types.ts";
import type { DatasetScore } from "../../src/quality/score.ts";
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
  return { code, ...(JSON.parse(stdout) as { results: CheckResult[]; scores: DatasetScore[] }) };
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

  test("ends with scores: rejects are invalid rows, and what no check looks at is not measured", async () => {
    const { scores } = await check();
    expect(scores.map(({ dataset, badge, measured }) => [dataset, badge, measured])).toEqual([
      ["silver.orders", "yellow", 3],
      ["gold.buyers", "none", 0],
      ["gold.daily_sales", "green", 1],
    ]);
    const [orders] = scores;
    expect(orders?.dimensions).toEqual({ completeness: 1, uniqueness: 1, validity: 1 - (1 + 2) / (4 + 6) });
    expect(orders?.score).toBeCloseTo(0.9);
    expect(scores[1]?.score).toBeUndefined();
    await expect((await run("check")).stdout).toMatchFileSnapshot("../golden/cli/check-scores.txt");
  });

  test("show has the same scores without running a check", async () => {
    const { scores } = await check();
    for (const score of scores)
      expect(JSON.parse((await run("show", score.dataset, "--json")).stdout)).toMatchObject({ score });
    expect((await run("show", "silver.orders")).stdout).toContain("score 90.0 %, yellow, 3 of 6 measured");
    expect((await run("show", "gold.buyers")).stdout).not.toContain("score");
    expect((await run("show", "silver.orders", "--version", "0")).stdout).not.toContain("score");
  });

  test("after an increment, whose checks looked at the new rows only, show leaves it out", async () => {
    writeFileSync(
      join(shop.dir, "inbox/2026-01-03.csv"),
      "order_id,customer,total,ordered_at\n7,eve,-1.00,2026-01-03 10:00:00\n8,eve,1.00,2026-01-03 10:00:00\n",
    );
    expect((await run("run")).stderr).toMatch(/silver\.orders +✔ success +(append|merge)/);
    expect(JSON.parse((await run("show", "silver.orders", "--json")).stdout)).toMatchObject({ score: null });
    const { scores } = await check("silver.orders");
    expect(scores[0]?.dimensions.validity).toBeCloseTo(1 - (1 + 3) / (5 + 8));
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
    expect((await run("run", "gold.buyers")).code).toBe(1);
    expect(JSON.parse((await run("show", "gold.buyers", "--json")).stdout)).toMatchObject({ score: null });
  });
});
