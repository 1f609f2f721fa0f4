import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { resolveProject } from "../../src/analysis/resolve.ts";
import { runUnitTests } from "../../src/analysis/unit-tests.ts";
import { loadKinds } from "../../src/host/kinds.ts";
import { loadProject } from "../../src/project/load.ts";
import { embeddedForTests, type TestEngine } from "../engine/harness.ts";

const kinds = await loadKinds();

let t: TestEngine;
let dir: string;
beforeAll(async () => {
  t = await embeddedForTests();
  dir = mkdtempSync(join(tmpdir(), "shoplake-minimal-"));
  cpSync("templates/minimal", dir, { recursive: true });
});
afterAll(async () => {
  rmSync(dir, { recursive: true, force: true });
  await t.stop();
});

test("the minimal template is a project without problems whose unit tests pass", async () => {
  const columns = ["order_id", "customer", "ordered_at", "status", "total"];
  const bronze = { "bronze.shop_orders": columns.map((name) => ({ name, type: "Nullable(String)" })) };
  const project = await resolveProject(await loadProject(dir, { env: {}, kinds }), t.engine, bronze);
  expect(project.models.map(({ dataset, schema }) => [dataset, schema.map(({ type }) => type)])).toEqual([
    ["gold.daily_sales", ["Date", "UInt64", "Decimal(38, 2)"]],
    ["silver.orders", ["UInt64", "Nullable(String)", "DateTime", "Nullable(String)", "Decimal(18, 2)"]],
  ]);
  for await (const result of runUnitTests(project, t.engine, { bronze }))
    expect(result, JSON.stringify(result)).toMatchObject({ status: "pass" });
});
