/** What the summary says of a task that failed after some of its rows were published, or staged. */
import { afterAll, expect, test } from "vitest";
import type { RunReport } from "../../src/pipeline/types.ts";
import { shoplake } from "./process.ts";
import { smallShop, writeSmallShop } from "./small-shop.ts";

const header = "order_id,customer,total,ordered_at\n";
const row = (id: number) => `${id},ann,1.00,2026-01-01 10:00:00\n`;
/** As many as go into one extract: the next file is a second one. */
const firstExtract = Object.fromEntries(
  Array.from({ length: 64 }, (_, index): [string, string] => [
    `inbox/a-${String(index).padStart(2, "0")}.csv`,
    header + row(index + 1),
  ]),
);
const shop = writeSmallShop({
  "inbox/2026-01-01.csv": undefined,
  "inbox/2026-01-02.csv": undefined,
  ...firstExtract,
  "inbox/a-00.csv": `${header}${row(1)}2,"unreadable" line,\n`,
  "inbox/b.csv": `${header}1,"unreadable" line,\n2,"unreadable" line,\n${row(3)}`,
  "shoplake.config.ts": smallShop["shoplake.config.ts"]?.replace(
    'format: "csv",',
    'format: "csv", maxRejectedPercent: 50,',
  ),
});
afterAll(() => shop.remove());

test("a source that fails at its second extract: the rows of the first are shown, and why some were rejected", async () => {
  const { code, stderr } = await shoplake(["run"], { cwd: shop.dir, timeoutMs: 120_000 });
  expect(code).toBe(1);
  expect(stderr).toMatch(/bronze\.feed_orders +✖ failed +\S+ +65 +64 +1 /);
  expect(stderr).toContain("maxRejectedPercent");
  expect(stderr).toContain("Rejected rows (1), kept in quarantine");
  expect(stderr).toContain("shoplake quarantine list bronze.feed_orders");
  const count = ["query", "SELECT count() AS n FROM bronze.feed_orders", "--json"];
  expect(JSON.parse((await shoplake(count, { cwd: shop.dir })).stdout)).toEqual([{ n: "64" }]);
  const { stdout } = await shoplake(["runs", "last", "--json"], { cwd: shop.dir });
  const { tasks } = JSON.parse(stdout) as RunReport;
  expect(tasks.find(({ dataset }) => dataset === "bronze.feed_orders")).toMatchObject({
    state: "failed",
    counts: { read: 65, published: 64, rejected: 1, deduplicated: 0 },
  });
});

test("a run that publishes nothing shows nothing, as text and as data", async () => {
  const { stdout } = await shoplake(["run", "--json"], { cwd: shop.dir, timeoutMs: 120_000 });
  const { report } = JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "") as { report: RunReport };
  const failed = report.tasks.find((task) => task.state === "failed");
  expect(failed).toMatchObject({
    dataset: "bronze.feed_orders",
    counts: { read: 0, published: 0, rejected: 0, deduplicated: 0 },
  });
});

test("a check that fails: what was read, staged and rejected is shown, and nothing of it as published", async () => {
  const strict = smallShop["models/silver/orders.sql"]?.replace("severity: warn", "severity: error");
  const bad = writeSmallShop({ "models/silver/orders.sql": strict });
  const { code, stdout } = await shoplake(["run", "--json"], { cwd: bad.dir, timeoutMs: 120_000 });
  expect(code).toBe(1);
  const { report } = JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "") as { report: RunReport };
  expect(report.tasks.find(({ dataset }) => dataset === "silver.orders")).toMatchObject({
    state: "failed",
    action: "full",
    counts: { read: 0, published: 0, rejected: 0, deduplicated: 0 },
    staged: { read: 6, published: 4, rejected: 2, deduplicated: 0 },
  });
  const { stderr } = await shoplake(["run"], { cwd: bad.dir, timeoutMs: 120_000 });
  expect(stderr).toMatch(/dataset +state +action +read +staged +rejected +took/);
  expect(stderr).toMatch(/silver\.orders +✖ failed +full +6 +4 +2 /);
  expect(stderr).not.toContain("kept in quarantine");
  bad.remove();
});
