/** A command opens only what it uses: what it does not need may be down, unset or broken. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { runCommandLine } from "../../src/cli/command-line.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { openEngine } from "../../src/engine/open.ts";
import { writeSmallShop } from "./small-shop.ts";
import { testContext } from "./terminal.ts";

/** The shop, and a PostgreSQL beside it that nothing reads: its address is a variable. */
const config = `import { defineProject, env, files, postgres } from "shoplake";
export default defineProject({
  name: "small-shop",
  timezone: "Europe/Berlin",
  engine: { memoryBytes: 1_000_000_000, threads: 2, slots: 4 },
  sources: {
    feed: files({ path: "inbox/*.csv", format: "csv", table: "orders", key: "order_id" }),
    EXTRA
  },
  sinks: { out: files({ directory: "out", format: "csv", select: "gold" }) },
});
`;
const withExtra = config.replace(
  "EXTRA",
  'shop: postgres({ url: env("SHOP_DATABASE_URL"), retries: 0, tables: { "*": {} } }),',
);
const shop = writeSmallShop({ "shoplake.config.ts": config.replace("EXTRA", "") });
const closedPort = { SHOP_DATABASE_URL: "postgres://someone:hidden@127.0.0.1:1/shop" };
const outside = mkdtempSync(join(tmpdir(), "shoplake-opens-"));
let engine: Engine;
let runId: string;
let rejectId: string;
let advised: readonly string[];

async function run(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const context = testContext({}, { cwd: shop.dir, env: { PATH: process.env["PATH"], ...env } });
  const code = await runCommandLine({ ...context, clock: () => new Date() }, args);
  return { code, stdout: context.stdout.text, stderr: context.stderr.text };
}

const write = (file: string, text: string) => writeFileSync(join(shop.dir, file), text);

beforeAll(async () => {
  const memory = { kind: "embedded", memoryBytes: 1_000_000_000, threads: 2, slots: 4 } as const;
  engine = await openEngine({ stateDir: join(shop.dir, ".shoplake"), config: memory, env: process.env });
  const first = await run(["run"]);
  expect(first.code, first.stderr).toBe(0);
  advised = first.stderr.match(/^ {2}shoplake (show \S+)/m)?.[1]?.split(" ") ?? [];
  runId = JSON.parse((await run(["runs", "--json"])).stdout)[0].runId;
  rejectId = JSON.parse((await run(["quarantine", "list", "silver.orders", "--json"])).stdout)[0].id;
  mkdirSync(join(shop.dir, "models/silver"), { recursive: true });
});
afterAll(async () => {
  await engine?.close();
  shop.remove();
  rmSync(outside, { recursive: true, force: true });
});

/** What is wrong with the project, and the environment in which it is. */
const faults = {
  "a source that is down": { files: { "shoplake.config.ts": withExtra }, env: closedPort },
  "a variable of a source that is not set": { files: { "shoplake.config.ts": withExtra }, env: {} },
  "a source with a wrong option": {
    files: { "shoplake.config.ts": withExtra.replace("retries", "retrys") },
    env: closedPort,
  },
  "a model whose header is broken": {
    files: { "models/silver/bad.sql": "/*\nkey: [\n*/\nSELECT 1 AS a\n" },
    env: {},
  },
  "a model whose SQL is broken": {
    files: { "models/silver/bad.sql": "SELEC order_id FROM bronze.feed_orders\n" },
    env: {},
  },
  "models that read each other": {
    files: {
      "models/silver/bad.sql": "SELECT * FROM silver.worse",
      "models/silver/worse.sql": "SELECT * FROM silver.bad",
    },
    env: {},
  },
  "a query file that is broken": {
    files: { "queries/bad.sql": "/*\nparameters: 3\n*/\nSELECT 1\n" },
    env: {},
  },
  "a test file that is broken": { files: { "tests/bad.yaml": "model: silver.nothing\ngiven: [\n" }, env: {} },
} as const;

const commands = (): readonly (readonly string[])[] => [
  ["runs"],
  ["runs", "last"],
  ["logs", runId],
  ["query", "SELECT 1"],
  ["query", "kpi/revenue"],
  ["show", "silver.orders"],
  ["show", "gold.daily_sales"],
  ["history", "silver.orders"],
  ["quarantine", "list"],
  ["quarantine", "list", "silver.orders"],
  ["quarantine", "show", rejectId],
  ["quarantine", "discard", rejectId],
  ["export", "gold.daily_sales", join(outside, "sales.csv")],
  ["lineage", "gold.daily_sales"],
  ["lineage", "gold.daily_sales.revenue"],
  ["docs"],
  ["docs", "-o", join(outside, "D.md")],
  ["config", "show"],
  ["maintain", "--dry-run"],
  ["completion", "bash"],
];

describe.each(Object.entries(faults))("with %s", (_name, fault) => {
  beforeEach(() => {
    for (const [file, text] of Object.entries(fault.files)) write(file, text);
    return () => {
      for (const file of Object.keys(fault.files)) rmSync(join(shop.dir, file));
      write("shoplake.config.ts", config.replace("EXTRA", ""));
    };
  });

  test("every command that does not need it works", async () => {
    const failed: string[] = [];
    for (const command of commands()) {
      const { code, stderr } = await run(command, fault.env);
      if (code !== 0) failed.push(`${command.join(" ")}: ${code}\n${stderr}`);
    }
    expect(failed).toEqual([]);
  });

  test("a project is written beside it", async () => {
    const dir = mkdtempSync(join(outside, "new-"));
    expect((await run(["init", dir], fault.env)).code).toBe(0);
    expect(readdirSync(dir)).toContain("shoplake.config.ts");
  });
});

describe("what does need it says so", () => {
  beforeEach(() => {
    write("shoplake.config.ts", withExtra);
    return () => write("shoplake.config.ts", config.replace("EXTRA", ""));
  });

  test.each([["run"], ["plan"], ["doctor"]])("%s names the variable that is not set", async (command) => {
    const { code, stdout, stderr } = await run([command]);
    expect(code).toBe(1);
    expect(stdout + stderr).toContain("environment variable SHOP_DATABASE_URL is not set (sources.shop.url)");
  });

  test("doctor looks at the other parts all the same", async () => {
    const findings: { subject: string; verdict: string }[] = JSON.parse(
      (await run(["doctor", "--json"])).stdout,
    );
    expect(findings).toContainEqual(expect.objectContaining({ subject: "source feed", verdict: "ok" }));
    expect(findings).toContainEqual(expect.objectContaining({ subject: "sink out", verdict: "ok" }));
    expect(findings.map(({ subject }) => subject)).not.toContain("source shop");
  });

  test("config show says which setting has no value", async () => {
    const { stdout, stderr } = await run(["config", "show", "--sources"]);
    expect(stdout).toMatch(/^sources\.shop\.url +not set +SHOP_DATABASE_URL$/m);
    expect(stderr).toContain(
      "warning: shoplake.config.ts:8  environment variable SHOP_DATABASE_URL is not set",
    );
  });

  test("a variable of the lake is needed by all", async () => {
    write(
      "shoplake.config.ts",
      config.replace("EXTRA", "").replace("sources:", 'lake: { path: env("LAKE_PATH") }, sources:'),
    );
    const { code, stderr } = await run(["runs"]);
    expect(code).toBe(1);
    expect(stderr).toContain("LAKE_PATH is not set (lake.path)");
  });
});

describe("lineage", () => {
  test("of a dataset whose own file is broken tells what is wrong with the file", async () => {
    write("models/silver/bad.sql", "/*\nkey: [\n*/\nSELECT 1 AS a\n");
    const { code, stderr } = await run(["lineage", "silver.bad"]);
    rmSync(join(shop.dir, "models/silver/bad.sql"));
    expect(code).toBe(1);
    expect(stderr).toContain("models/silver/bad.sql:");
  });

  test("names sinks, queries and checks that read a dataset, also through others; the dictionary says the same", async () => {
    const { stdout } = await run(["lineage", "silver.orders", "--json"]);
    expect(JSON.parse(stdout).downstream).toEqual(["gold.daily_sales", "sink out", "query kpi/revenue"]);
    const dictionary = JSON.parse((await run(["docs", "--json"])).stdout);
    const sales = dictionary.datasets.find(
      ({ dataset }: { dataset: string }) => dataset === "gold.daily_sales",
    );
    expect(sales.readBy).toEqual({ datasets: [], queries: ["kpi/revenue"], sinks: ["out"] });
  });
});

describe("what a run found", () => {
  test("the command that the summary names works, also when the last task was a delivery", async () => {
    expect(advised).toEqual(["show", "gold.daily_sales"]);
    expect((await run(advised)).code).toBe(0);
  });

  test("a run is found by the beginning of its id, however many came later", async () => {
    const rows = Array.from({ length: 1500 }, (_, n) => `('z${n}', 'success', '2030-01-01 00:00:00')`);
    await engine.command(`INSERT INTO ops.runs_log (run_id, state, started_at) VALUES ${rows.join(", ")}`);
    const old = await run(["runs", runId.slice(0, 8), "--json"]);
    expect(old.code, old.stderr).toBe(0);
    expect(JSON.parse(old.stdout).run.runId).toBe(runId);
    const several = await run(["runs", "z1"]);
    expect(several.code).toBe(1);
    expect((await run(["runs", "z12", "--json"])).code).toBe(1);
    expect(JSON.parse((await run(["runs", "z1499", "--json"])).stdout).run.runId).toBe("z1499");
  });

  test("an exported file is whole", () => {
    expect(readFileSync(join(outside, "sales.csv"), "utf8").split("\n")).toHaveLength(4);
  });
});
