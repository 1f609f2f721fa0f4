/** What one client may not do to the others, tried with the requests of other clients; and that /ping tells the truth. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { embeddedForTests, type TestEngine } from "./harness.ts";
import { ask } from "./http.ts";

let t: TestEngine;
beforeAll(async () => {
  t = await embeddedForTests();
  for (const name of ["ops", "gold", "staging", "shop", "run_1_ab_gold"])
    await t.engine.command(`CREATE DATABASE ${name}`);
  await t.engine.command("CREATE TABLE ops.runs_log (a UInt8) ENGINE = MergeTree ORDER BY a");
  await t.engine.command("CREATE TABLE shop.t (a UInt8) ENGINE = MergeTree ORDER BY a");
});
afterAll(() => t.stop());

const works = async () => {
  expect(await t.engine.rows("SELECT 1 AS one FROM system.one")).toEqual([{ one: 1 }]);
  expect((await ask(t, { path: "/ping", method: "GET" })).body.toString()).toBe("Ok.\n");
};

const refused: (readonly [body: string, params?: Readonly<Record<string, string>>])[] = [
  ["DROP DATABASE default"],
  ["drop database if exists default sync"],
  ["DROP/**/DATABASE `default`"],
  ['DROP DATABASE "default"'],
  ["DROP DATABASE `de\\x66ault`"],
  ["DROP DATABASE {d:Identifier}", { param_d: "default" }],
  ["DROP DATABASE {d:Identifier}"],
  ["DETACH DATABASE system PERMANENTLY"],
  ["DROP DATABASE INFORMATION_SCHEMA"],
  ["RENAME DATABASE default TO other"],
  ["RENAME DATABASE shop TO other, gold TO silver"],
  ["TRUNCATE DATABASE gold"],
  ["TRUNCATE ALL TABLES FROM gold"],
  ["DROP DATABASE ops"],
  ["DROP TABLE system.one"],
  ["DETACH TABLE `system`.`tables`"],
  ["DROP VIEW information_schema.tables"],
  ["DROP TABLE {t:Identifier}", { param_t: "system.one" }],
  ["DROP TABLE one", { database: "system" }],
  ["DROP TABLE IF EXISTS shop.none PARALLEL WITH DROP DATABASE default"],
  ["SYSTEM SHUTDOWN"],
  ["SYSTEM KILL"],
  ["SYSTEM STOP MERGES"],
  ["SYSTEM SUSPEND FOR 1 SECOND"],
  ["SYSTEM START THREAD FUZZER"],
  ["CREATE WORKLOAD all"],
  ["CREATE RESOURCE r (QUERY)"],
  ["DROP NAMED COLLECTION shoplake_lake"],
  ["CREATE NAMED COLLECTION shoplake_lake AS a = 1"],
  ["DROP TABLE ops.runs_log"],
  ["ALTER TABLE ops.runs_log ADD CONSTRAINT c CHECK 0"],
  ["TRUNCATE TABLE runs_log", { database: "ops" }],
  ["DROP DATABASE run_1_ab_gold"],
  ["DROP DATABASE staging"],
  ["CREATE OR REPLACE VIEW ops.runs AS SELECT 1"],
  ["CREATE OR REPLACE TABLE runs_log (a UInt8) ENGINE = Memory", { database: "ops" }],
  ["REPLACE TABLE ops.runs_log (a UInt8) ENGINE = Memory"],
  ["CREATE MATERIALIZED VIEW shop.v TO shop.t AS SELECT throwIf(1) AS a FROM ops.runs_log"],
];

describe("a client may not break the engine for others", () => {
  it.each(refused.map(([body, params = {}]) => ({ body, params })))("$body", async ({ body, params }) => {
    const reply = await ask(t, { body, params });
    expect([reply.status, reply.body.toString()]).toEqual([403, expect.stringContaining("ACCESS_DENIED")]);
    await works();
  });

  it("also not in two steps of a session", async () => {
    const params = { session_id: "s" };
    expect((await ask(t, { body: "USE system", params })).status).toBe(200);
    expect((await ask(t, { body: "DROP TABLE one", params })).status).toBe(403);
    expect((await ask(t, { body: "SET param_d = 'default'", params })).status).toBe(200);
    expect((await ask(t, { body: "DROP DATABASE {d:Identifier}", params })).status).toBe(403);
    await works();
  });

  it("what one client sets is not seen by another", async () => {
    for (const body of [
      "USE system",
      "SET max_memory_usage_for_user = 1",
      "SET max_concurrent_queries_for_user = 1",
      "SET max_threads = 1, readonly = 1",
      "SET ROLE NONE",
    ])
      await ask(t, { body, params: { session_id: "other" } });
    await works();
    await t.engine.command("CREATE TABLE shop.free (a UInt8) ENGINE = Memory");
  });
});

describe("what harms nobody is done", () => {
  it.each([
    "CREATE DATABASE own",
    "CREATE TABLE own.gold (a UInt8) ENGINE = MergeTree ORDER BY a",
    "RENAME TABLE own.gold TO own.system",
    "ALTER TABLE own.system DROP COLUMN IF EXISTS ops",
    "TRUNCATE TABLE own.system",
    "DROP TABLE own.system",
    "DROP DATABASE own",
    "CREATE VIEW shop.names AS SELECT name FROM system.tables",
    "CREATE OR REPLACE VIEW shop.names AS SELECT name FROM system.tables",
    "CREATE TEMPORARY TABLE system (a UInt8)",
    "SYSTEM FLUSH LOGS",
    "SYSTEM DROP MARK CACHE",
    "KILL QUERY WHERE query_id = 'nobody'",
    "SELECT 'DROP DATABASE default'",
  ])("%s", async (body) => {
    const reply = await ask(t, { body });
    expect([reply.status, reply.body.toString()]).toEqual([200, expect.any(String)]);
  });

  it("the platform drops what it made for a while", async () => {
    await t.engine.command("DROP DATABASE run_1_ab_gold");
    await t.engine.command("ALTER TABLE ops.runs_log ADD COLUMN b UInt8");
  });
});
