/** /ping against a library whose databases are taken away from below. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Database, openDatabase } from "../../src/engine/embedded/database.ts";
import { createHealth } from "../../src/engine/embedded/health.ts";
import { temporaryDir } from "./harness.ts";

let dir: string;
let database: Database;
let now = 0;
beforeAll(async () => {
  dir = await temporaryDir();
  database = await openDatabase({ path: join(dir, "w"), memoryBytes: 1_000_000_000, threads: 1, s3: [] });
});
afterAll(async () => {
  await database.close(1000);
  await rm(dir, { recursive: true, force: true });
});

const run = async (sql: string) => {
  const session = database.open();
  try {
    await session.run(sql, "Null");
  } finally {
    session.close();
  }
};

it("brings `default` back, remembers a finding for a second, and says what cannot be repaired", async () => {
  const health = createHealth(database, () => now);
  expect(await health.check()).toEqual({ reason: undefined, beyondRepair: false });
  await run("DROP DATABASE default");
  expect(() => database.open()).toThrow("Failed to create connection");
  now += 1000;
  expect(await health.check()).toEqual({ reason: undefined, beyondRepair: false });
  await run("SELECT 1");
  await run("DETACH DATABASE system");
  expect(await health.check()).toEqual({ reason: undefined, beyondRepair: false });
  now += 1000;
  expect(await health.check()).toEqual({ reason: expect.stringContaining("system"), beyondRepair: true });
});
