/** The password of a source is nowhere but in its configuration: not in events, errors, state, tables, logs, spooled files. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createPlan } from "../../src/pipeline/index.ts";
import { startRun } from "../../src/runs/index.ts";
import { eventNames, listenTo } from "../../src/telemetry/events.ts";
import { testPostgres } from "../postgres.ts";
import { openShop, type TestShop } from "./shop.ts";

const password = "pl4nted-s3cret";
const postgres = await testPostgres();
let shop: TestShop;
beforeAll(async () => {
  if (postgres === undefined) return;
  await postgres.client.query(`CREATE ROLE shopper LOGIN SUPERUSER PASSWORD '${password}'`);
  await postgres.client.query("CREATE TABLE orders (id int PRIMARY KEY, total numeric(12, 2))");
  await postgres.client.query("INSERT INTO orders VALUES (1, 10), (2, -1)");
  const url = new URL(postgres.url);
  url.username = "shopper";
  url.password = password;
  process.env["SHOPLAKE_TEST_SECRET_URL"] = url.href;
  shop = await openShop({
    "shoplake.config.ts": `import { defineProject, env, postgres } from "shoplake";
const url = env("SHOPLAKE_TEST_SECRET_URL");
export default defineProject({
  name: "secrets", retries: { attempts: 1, delayMs: 10 },
  sources: { shop: postgres({ url, retries: 0, tables: { orders: { cursor: "id" } } }) },
  sinks: { reporting: postgres({ url, retries: 0, schema: "gold" }) },
});`,
    "models/gold/sales.sql":
      "/*\ndescription: x\nkey: id\ncolumns: { total: { checks: [{ accepted_range: { min: 0, severity: warn } }] } }\n*/\nSELECT id, total FROM bronze.shop_orders",
  });
});
afterAll(async () => {
  await shop?.stop();
  delete process.env["SHOPLAKE_TEST_SECRET_URL"];
  await postgres?.stop();
});

it.skipIf(postgres === undefined)(
  "a run that succeeds and one that fails tell and keep no password",
  async () => {
    const told: string[] = [];
    const run = async (): Promise<string> => {
      const plan = await createPlan(shop.project);
      const { events, done } = startRun(shop.project, plan);
      events.subscribe(
        "the test",
        listenTo(eventNames, (name, event) => told.push(JSON.stringify([name, event]))),
      );
      const report = await done;
      told.push(JSON.stringify({ plan, report }));
      return report.state;
    };
    expect(await run()).toBe("success");
    await postgres?.client.query("ALTER ROLE shopper NOLOGIN");
    expect(await run()).toBe("failed");
    const { engine, state } = shop.project.host;
    await state.flush();
    const tables = await engine.rows<{ name: string }>(
      "SELECT concat(database, '.', name) AS name FROM system.tables WHERE database = 'ops' OR (database = 'system' AND name LIKE '%\\_log')",
    );
    for (const { name } of tables)
      told.push(JSON.stringify([name, await engine.rows(`SELECT * FROM ${name}`)]));
    for (const dataset of await shop.project.host.lake.datasets())
      told.push(JSON.stringify(await shop.project.host.lake.table(dataset).history()));
    expect(told.length).toBeGreaterThan(30);
    expect(told.filter((text) => text.includes(password))).toEqual([]);
    const files = readdirSync(join(shop.dir, ".shoplake"), { recursive: true, withFileTypes: true });
    const kept = files.filter(
      (file) => file.isFile() && readFileSync(join(file.parentPath, file.name)).includes(password),
    );
    expect(kept.map(({ name }) => name)).toEqual([]);
  },
);
