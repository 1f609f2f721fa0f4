import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startPostgres } from "../../src/generator/demo-postgres.ts";
import { ShoplakeError } from "../../src/util/errors.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "shoplake-demo-pg-"));
  await chmod(folder, 0o755);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function one(url: string, sql: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return Object.values((await client.query(sql)).rows[0] ?? {})[0];
  } finally {
    await client.end();
  }
}

test("a server keeps its rows over a restart; one that is still running is found and stopped", async (context) => {
  const dataDir = join(folder, "deep", "data");
  const first = await startPostgres({ dataDir }).catch((error: unknown) => {
    if (error instanceof ShoplakeError && error.code === "unsupported" && process.env["CI"] !== "true")
      return context.skip(error.message);
    throw error;
  });
  await one(first.url, "CREATE TABLE kept AS SELECT 42 AS n");
  const second = await startPostgres({ dataDir });
  expect([second.pid, second.url]).toEqual([first.pid, first.url]);
  await second.stop();
  expect(() => process.kill(first.pid, 0)).toThrow();
  const third = await startPostgres({ dataDir, settings: { work_mem: "7MB" } });
  expect(await one(third.url, "SELECT n FROM kept")).toBe(42);
  expect(await one(third.url, "SHOW work_mem")).toBe("7MB");
  await third.stop();
});
