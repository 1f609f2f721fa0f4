/** The demo from an empty folder: PostgreSQL, a generated shop, a run, KPIs; and once more with nothing left to do. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { shoplake } from "./process.ts";

const dir = mkdtempSync(join(tmpdir(), "shoplake-demo-test-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const demo = () =>
  shoplake(["demo", "--scale", "0.001", "--months", "3"], {
    cwd: dir,
    timeoutMs: 240_000,
  });

test("demo: from nothing to KPIs, then nothing to do, then queries without its PostgreSQL", {
  timeout: 500_000,
}, async () => {
  const first = await demo();
  expect(first.code, first.stderr).toBe(0);
  expect(first.stderr).toMatch(
    /loaded \d+ customers?, \d+ products?, \d+ marketing campaigns?, \d+ orders?, \d+ order items?, \d+ inventory transactions?, through \d{4}-\d\d-\d\d/,
  );
  for (const part of ["Rejected rows", "Headline KPIs", "Average order value", "Where to look next"])
    expect(first.stderr).toContain(part);
  expect(first.stderr).toMatch(/✔ success {2}\d+ datasets/);
  const second = await demo();
  expect(second.code, second.stderr).toBe(0);
  expect(second.stderr).toMatch(/nothing to do, \d+ datasets up to date/);
  const query = await shoplake(["query", "kpi/average_order_value", "--json"], {
    cwd: join(dir, "shoplake-demo-0.001"),
  });
  expect(query.code, query.stderr).toBe(0);
  expect(JSON.parse(query.stdout)).toHaveLength(1);
});
