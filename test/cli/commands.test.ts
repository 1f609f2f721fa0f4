/** Every command as a person uses it, on a small project with real data. */
import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCommandLine } from "../../src/cli/command-line.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { openEngine } from "../../src/engine/open.ts";
import { type Finished, main, shoplake } from "./process.ts";
import { writeSmallShop } from "./small-shop.ts";
import { testContext } from "./terminal.ts";

const shop = writeSmallShop();
/** In a process of its own, as a person starts it. */
const start = (...args: string[]) => shoplake(args, { cwd: shop.dir });
const json = async (...args: string[]) => JSON.parse((await run(...args, "--json")).stdout);

/** The same command line in this process: quicker, and with a clock that goes on. */
async function run(...args: string[]): Promise<Finished> {
  const context = testContext({}, { cwd: shop.dir, env: { PATH: process.env["PATH"] } });
  const code = await runCommandLine({ ...context, clock: () => new Date() }, args);
  return { code, stdout: context.stdout.text, stderr: context.stderr.text };
}

afterAll(() => shop.remove());

/** Ids, times, durations and versions of engines replaced by what they are. */
function stable(text: string): string {
  return text
    .replaceAll(shop.dir, "<dir>")
    .replace(/\b[0-9a-f]{12}\b/g, "<run>")
    .replace(/\b\d+\.\d s\b/g, "<time>")
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?/g, (time) =>
      time.startsWith("2026-01-0") ? time : "<when>",
    );
}

describe("before the first run", () => {
  test("plan says what would happen", async () => {
    const { code, stdout } = await run("plan");
    expect(code).toBe(0);
    await expect(stdout).toMatchFileSnapshot("../golden/cli/plan-first.txt");
  });

  test("show names what to do", async () => {
    const { code, stderr } = await run("show", "silver.orders");
    expect(code).toBe(1);
    expect(stderr).toContain("silver.orders has never been published");
    expect(stderr).toContain("shoplake run +silver.orders");
  });
});

describe("after a run", () => {
  let first: Finished;

  let engine: Engine;

  /** An engine that runs already, as with a run going on beside: each command finds and uses it. */
  beforeAll(async () => {
    first = await start("run");
    const config = { kind: "embedded", memoryBytes: 1_000_000_000, threads: 2, slots: 4 } as const;
    engine = await openEngine({ stateDir: join(shop.dir, ".shoplake"), config, env: process.env });
  });
  afterAll(() => engine?.close());

  test("the summary says what happened, on stderr", async () => {
    expect(first).toMatchObject({ code: 0, stdout: "" });
    await expect(stable(first.stderr)).toMatchFileSnapshot("../golden/cli/run-first.txt");
  });

  test("a second run has nothing to do", async () => {
    const { code, stderr } = await run("run");
    expect(code).toBe(0);
    await expect(stable(stderr)).toMatchFileSnapshot("../golden/cli/run-second.txt");
  });

  test("query: SQL, a named query, parameters, formats", async () => {
    expect((await run("query", "SELECT count() AS n FROM silver.orders")).stdout).toBe("n\n4\n");
    expect(await json("query", "kpi/revenue")).toEqual([{ revenue: "122.65", orders: "4" }]);
    expect(await json("query", "kpi/revenue", "--param", "since=2026-01-02")).toEqual([
      { revenue: "104.90", orders: "2" },
    ]);
    const csv = await run("query", "SELECT order_id FROM silver.orders ORDER BY order_id", "--format", "csv");
    expect(csv.stdout).toBe('"order_id"\n1\n3\n4\n5\n');
  });

  test("query: an unknown name, an unknown and a missing parameter, wrong SQL, more than a SELECT", async () => {
    expect((await run("query", "kpi/revenu")).stderr).toContain("did you mean kpi/revenue?");
    expect((await run("query", "kpi/revenue", "--param", "sinc=2026-01-01")).stderr).toContain(
      "did you mean since?",
    );
    const wrong = await run("query", "SELECT nonsense FROM silver.orders");
    expect(wrong).toMatchObject({ code: 1, stdout: "" });
    expect(wrong.stderr).toMatch(/^error \[(engine|model)\]/);
    expect(wrong.stderr).not.toContain("    at ");
    const drop = await run("query", "DROP TABLE gold.daily_sales");
    expect(drop.code).toBe(1);
    expect((await run("query", "SELECT count() AS n FROM gold.daily_sales")).stdout).toBe("n\n2\n");
  });

  test("show: description, columns, rows; short names; older versions", async () => {
    const { stdout } = await run("show", "orders");
    await expect(stable(stdout)).toMatchFileSnapshot("../golden/cli/show.txt");
    expect(await json("show", "gold.daily_sales", "--limit", "1")).toMatchObject({
      dataset: "gold.daily_sales",
      rows: 2,
    });
    expect((await run("show", "silver.order")).stderr).toContain("did you mean silver.orders?");
    expect((await run("show", "silver.orders", "--version", "99")).stderr).toContain("has no version 99");
  });

  test("history, runs and logs tell the same run", async () => {
    const [version] = await json("history", "silver.orders");
    expect(version).toMatchObject({ counts: { read: 6, published: 4, rejected: 2, deduplicated: 0 } });
    const runs: { runId: string; state: string }[] = await json("runs");
    expect(runs.map((each) => each.state)).toEqual(["success", "success"]);
    expect(runs.map((each) => each.runId)).toContain(version.runId);
    const detail = await run("runs", version.runId);
    await expect(stable(detail.stdout)).toMatchFileSnapshot("../golden/cli/runs-one.txt");
    const log = await run("logs", version.runId, "--json");
    const events = log.stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { event: string });
    expect(events[0]?.event).toBe("run.started");
    expect(events.at(-1)?.event).toBe("run.finished");
    expect((await run("logs", version.runId)).stdout).toContain("silver.orders  version");
    expect((await run("runs", "nosuchrun")).stderr).toContain('there is no run "nosuchrun"');
  });

  test("quarantine: counts, rows, one row, discard", async () => {
    const { stdout } = await run("quarantine", "list");
    await expect(stable(stdout)).toMatchFileSnapshot("../golden/cli/quarantine-list.txt");
    const rows: { id: string; rule: string; raw: string }[] = await json(
      "quarantine",
      "list",
      "silver.orders",
    );
    expect(rows.map((row) => row.rule).sort()).toEqual(["invalid_total", "negative_total"]);
    const bad = rows.find((row) => row.rule === "invalid_total");
    const shown = await run("quarantine", "show", bad?.id.slice(0, 12) ?? "");
    expect(shown.stdout).toContain("not a number");
    expect(await json("quarantine", "discard", bad?.id ?? "")).toEqual({ discarded: 1 });
    expect(await json("quarantine", "list", "silver.orders")).toHaveLength(1);
    expect((await run("quarantine", "show", "ffffffffff")).stderr).toContain("no rejected row has the id");
  });

  test("check: a warning is no failure, and shows bad rows", async () => {
    const { code, stdout } = await run("check", "silver.orders");
    expect(code).toBe(0);
    await expect(stable(stdout)).toMatchFileSnapshot("../golden/cli/check.txt");
  });

  test("lineage: of a dataset, of a column, of an unknown one", async () => {
    const { stdout } = await run("lineage", "gold.daily_sales");
    await expect(stdout).toMatchFileSnapshot("../golden/cli/lineage.txt");
    const column = await run("lineage", "gold.daily_sales.revenue");
    expect(column.stdout).toContain("silver.orders.total");
    expect((await run("lineage", "gold.daily_sales.revenu")).stderr).toContain("did you mean");
  });

  test("test: unit tests of models", async () => {
    const { code, stdout } = await run("test");
    expect(code, stdout).toBe(0);
    expect(stdout).toBe("✔ pass  gold.daily_sales  adds_up_per_day\n");
    writeFileSync(
      join(shop.dir, "tests/wrong.yaml"),
      "model: silver.orders\ngiven: { bronze.feed_orders: [{ order_id: 1, total: 5, ordered_at: 2026-01-01 10:00:00 }] }\nexpect: [{ order_id: 2 }]\n",
    );
    const wrong = await run("test", "wrong");
    rmSync(join(shop.dir, "tests/wrong.yaml"));
    expect(wrong.code).toBe(1);
    await expect(wrong.stdout).toMatchFileSnapshot("../golden/cli/test-failed.txt");
  });

  test("export: whole files, by ending", async () => {
    expect((await run("export", "gold.daily_sales", "sales.csv")).code).toBe(0);
    expect(readFileSync(join(shop.dir, "sales.csv"), "utf8")).toBe(
      '"day","orders","revenue"\n"2026-01-01",2,17.75\n"2026-01-02",2,104.90\n',
    );
    expect((await run("export", "gold.daily_sales", "sales.xlsx")).stderr).toContain(".parquet");
    expect(existsSync(join(shop.dir, "sales.xlsx"))).toBe(false);
  });

  test("maintain keeps every row", async () => {
    const before = (await run("query", "SELECT * FROM silver.orders ORDER BY ALL", "--format", "csv")).stdout;
    expect((await run("maintain")).code).toBe(0);
    expect((await run("query", "SELECT * FROM silver.orders ORDER BY ALL", "--format", "csv")).stdout).toBe(
      before,
    );
  });

  test("doctor: every line is ok", async () => {
    const findings: { verdict: string; subject: string; message: string }[] = await json("doctor");
    expect(findings.filter((finding) => finding.verdict === "fail")).toEqual([]);
    expect(findings.map((finding) => finding.subject)).toEqual(
      expect.arrayContaining(["node", "project", "disk", "state", "engine", "lake", "leases", "source feed"]),
    );
  });

  test("config show", async () => {
    const { stdout } = await run("config", "show");
    expect(stdout).toMatch(/^timezone +Europe\/Berlin$/m);
    expect((await run("config", "show", "--sources")).stdout).toMatch(
      /^timezone +Europe\/Berlin +shoplake\.config\.ts:4$/m,
    );
    expect((await run("config", "show", "--sources")).stdout).toMatch(/^concurrency +\d+ +default$/m);
  });

  test("replay: a fixed rule publishes the row and empties its quarantine", async () => {
    const model = join(shop.dir, "models/silver/orders.sql");
    writeFileSync(model, readFileSync(model, "utf8").replace("total < 0", "total < -100"));
    const { code, stderr } = await run("quarantine", "replay", "silver.orders");
    expect(code, stderr).toBe(0);
    expect(stderr).toContain("1 row left the quarantine, 0 still rejected");
    expect((await run("query", "SELECT count() AS n FROM silver.orders")).stdout).toBe("n\n5\n");
  });

  test("show, export: a version whose files vacuum took names those that are left", async () => {
    const versions: { version: number }[] = await json("history", "silver.orders");
    const newest = versions[0]?.version;
    const oldest = String(versions.at(-1)?.version);
    expect((await run("show", "silver.orders", "--version", oldest)).code).toBe(0);
    await run("maintain", "silver.orders", "--only", "vacuum", "--retention", "0");
    for (const command of [
      ["show", "silver.orders"],
      ["export", "silver.orders", join(shop.dir, "old.csv")],
    ]) {
      const { code, stdout, stderr } = await run(...command, "--version", oldest);
      expect([code, stdout]).toEqual([1, ""]);
      expect(stderr).toContain(`error [lake] version ${oldest} of silver.orders can be neither read nor`);
      expect(stderr.replace(/\s+/g, " ")).toContain(`shoplake show silver.orders --version ${newest}`);
      expect(stderr).not.toContain("ClickHouse");
    }
    expect(existsSync(join(shop.dir, "old.csv"))).toBe(false);
    expect((await run("show", "silver.orders", "--version", String(newest))).code).toBe(0);
  });

  test("run --json: lines of events, the report last", async () => {
    const { stdout } = await run("run", "--json");
    const lines = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { event: string; report?: { state: string } });
    expect(lines[0]?.event).toBe("run.started");
    expect(lines.at(-1)).toMatchObject({ event: "report", report: { state: "success" } });
  });
});

describe("what goes wrong", () => {
  test("a broken project: all problems at once by file and line, nothing run", async () => {
    const broken = writeSmallShop({
      "models/silver/orders.sql":
        "/*\nkey: order_id\ncheks: []\n*/\nSELECT order_idd FROM bronze.feed_ordrs\n",
      "models/gold/daily_sales.sql": "SELECT * FROM silver.ordrs\n",
    });
    const { code, stderr } = await shoplake(["run"], { cwd: broken.dir });
    expect(code).toBe(1);
    await expect(stderr).toMatchFileSnapshot("../golden/cli/broken-project.txt");
    broken.remove();
  });

  test("an error-check that fails: exit 1, sample rows, dependants not run", async () => {
    const bad = writeSmallShop();
    const model = join(bad.dir, "models/silver/orders.sql");
    writeFileSync(model, readFileSync(model, "utf8").replace("severity: warn", "severity: error"));
    const { code, stderr } = await shoplake(["run"], { cwd: bad.dir });
    expect(code).toBe(1);
    await expect(stable(stderr)).toMatchFileSnapshot("../golden/cli/run-failed-check.txt");
    bad.remove();
  });

  test("Ctrl-C: exit 130, says what is left, and the next run does it", async () => {
    const slow = writeSmallShop(slowSales);
    const { code, stderr } = await interrupted(slow.dir, "gold.daily_sales");
    expect(code).toBe(130);
    expect(stderr).toMatch(/error \[interrupted\] the run was interrupted: 2 tasks published, 1 left/);
    expect(stderr).not.toContain("    at ");
    const next = await shoplake(["run"], { cwd: slow.dir });
    expect(next.code, next.stderr).toBe(0);
    expect(next.stderr).toMatch(/silver\.orders +✔ success, .*: nothing new/);
    slow.remove();
  });

  test("a second Ctrl-C stops at once, whatever the command waits for", async () => {
    const child = spawn(process.execPath, [main, "query", "-"], {
      cwd: shop.dir,
      stdio: ["pipe", "ignore", "pipe"],
    });
    let stderr = "";
    child.stderr.on("data", (chunk: Buffer) => {
      if (stderr === "") setTimeout(() => child.kill("SIGINT"), 50);
      stderr += chunk;
    });
    setTimeout(() => child.kill("SIGINT"), 2000);
    const code = await new Promise((resolve) => child.on("close", resolve));
    expect(code).toBe(130);
    expect(stderr.trim()).toBe("stopping cleanly; press Ctrl-C again to stop at once");
  });
});

/** The gold model takes some seconds. */
const slowSales = {
  "models/gold/daily_sales.sql":
    "/*\nkey: day\n*/\nSELECT toDate(ordered_at) AS day, count() AS orders, sum(total) AS revenue, sum(sleepEachRow(0.7)) AS slow FROM silver.orders GROUP BY day\n",
  "tests/daily_sales.yaml": undefined,
};

/** Starts a run and sends SIGINT when the dataset is being staged. */
function interrupted(dir: string, dataset: string): Promise<{ code: number | null; stderr: string }> {
  const child = spawn(process.execPath, [main, "run", "-v"], {
    cwd: dir,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => {
    const before = stderr;
    stderr += chunk;
    const marker = `${dataset}  stage`;
    if (!before.includes(marker) && stderr.includes(marker)) setTimeout(() => child.kill("SIGINT"), 300);
  });
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, stderr })));
}
