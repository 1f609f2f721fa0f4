/** Numbered steps under a lock, each of which may stop anywhere and is done again. */
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Engine } from "../../src/engine/engine.ts";
import { openEngine } from "../../src/engine/open.ts";
import { localStore } from "../../src/lake/store/local.ts";
import { migrations } from "../../src/state/migrations/registry.ts";
import { openOwner } from "../../src/state/owners.ts";
import { ensureSchema, SCHEMA_VERSION } from "../../src/state/schema.ts";
import { openState } from "../../src/state/state.ts";
import { TEST_ENGINE } from "../engine/harness.ts";
import { emptyOps } from "./empty-ops.ts";
import { oldProject } from "./old-state.ts";

const clock = () => new Date(Date.UTC(2027, 0, 1));
let dir: string;
let engine: Engine;
const tables = [
  "runs_log",
  "tasks_log",
  "check_results_log",
  "publications_log",
  "quarantine_log",
  "quarantine_events",
];

beforeAll(async () => {
  dir = await oldProject();
  engine = await openEngine({ stateDir: join(dir, ".shoplake"), config: TEST_ENGINE });
  await engine.command("CREATE DATABASE kept");
  for (const name of tables) {
    await engine.command(`CREATE TABLE kept.${name} AS ops.${name}`);
    await engine.command(`INSERT INTO kept.${name} SELECT * FROM ops.${name}`);
  }
});
afterAll(async () => {
  await engine.close();
  await rm(dirname(dir), { recursive: true, force: true });
});

/** The ops tables as version 0.1.0 left them. */
async function restoreOld(): Promise<void> {
  await emptyOps(engine);
  for (const name of tables) {
    await engine.command(`CREATE TABLE ops.${name} AS kept.${name}`);
    await engine.command(`INSERT INTO ops.${name} SELECT * FROM kept.${name}`);
  }
  await engine.command("CREATE VIEW ops.schema_version AS SELECT 1 AS version");
}
beforeEach(restoreOld);

async function expectMigrated(): Promise<void> {
  for (const name of tables) {
    const columns = (await engine.rows<{ name: string }>(`DESCRIBE TABLE kept.${name}`)).map(
      (column) => column.name,
    );
    const [row] = await engine.rows<{ lost: string; came: string; partitioned: number }>(
      `SELECT (SELECT count() FROM (SELECT ${columns.join(", ")} FROM kept.${name} EXCEPT SELECT ${columns.join(", ")} FROM ops.${name})) AS lost,
         (SELECT count() FROM ops.${name}) - (SELECT count() FROM kept.${name}) AS came,
         (SELECT partition_key != '' FROM system.tables WHERE database = 'ops' AND name = '${name}') AS partitioned`,
    );
    expect([name, row]).toEqual([name, { lost: "0", came: "0", partitioned: 1 }]);
  }
  const left = await engine.rows(
    "SELECT name FROM system.tables WHERE database = 'ops' AND endsWith(name, '_next')",
  );
  expect(left).toEqual([]);
  expect(await engine.rows("SELECT version FROM ops.schema_version")).toEqual([{ version: SCHEMA_VERSION }]);
}

/** The engine, whose n-th statement that changes something fails: before it does anything, or after it has done it. */
function failing(nth: number, when: "before" | "after"): Engine & { readonly done: () => number } {
  let count = 0;
  return {
    ...engine,
    done: () => count,
    async command(sql, options) {
      const here = ++count === nth;
      if (here && when === "before") throw new Error("stopped");
      const summary = await engine.command(sql, options);
      if (here) throw new Error("stopped");
      return summary;
    },
  };
}

describe("the steps", () => {
  test("are numbered without gaps, and every file is in the list", async () => {
    const folder = join(import.meta.dirname, "../../src/state/migrations");
    const files = (await readdir(folder)).filter((name) => /^\d{4}-/.test(name)).sort();
    expect(migrations.map(({ number, name }) => `${String(number).padStart(4, "0")}-${name}.ts`)).toEqual(
      files,
    );
    expect(migrations.map(({ number }) => number)).toEqual(migrations.map((_, i) => i + 2));
  });

  test("bring an old state to the same tables as a new one has", async () => {
    const definitions = () =>
      engine.rows(
        "SELECT name, replaceRegexpAll(create_table_query, 'UUID \\'[^\\']+\\'', '') AS definition FROM system.tables WHERE database = 'ops' ORDER BY name",
      );
    await ensureSchema(engine);
    await expectMigrated();
    const migrated = await definitions();
    await emptyOps(engine);
    await ensureSchema(engine);
    expect(await definitions()).toEqual(migrated);
  });

  test("may stop at any statement, and are done again", async () => {
    const all = failing(0, "before");
    await ensureSchema(all);
    for (let nth = 1; nth <= all.done(); nth++) {
      await restoreOld();
      const when = nth === all.done() ? "after" : "before";
      await expect(ensureSchema(failing(nth, when))).rejects.toThrow("stopped");
      await ensureSchema(engine);
      await expectMigrated();
    }
  }, 300_000);

  test("are done by one of several processes; the others wait for it", async () => {
    const folder = await mkdtemp(join(dir, "lake-"));
    const store = localStore(folder);
    const owners = [1, 2, 3].map(() => openOwner({ store, startedAt: clock(), heartbeat: 0 }));
    const workers = [failing(0, "before"), failing(0, "before"), failing(0, "before")];
    const migrating = workers.map((worker, i) => ensureSchema(worker, owners[i] && { owner: owners[i] }));
    await Promise.all(migrating);
    expect(workers.filter((worker) => worker.done() > 0)).toHaveLength(1);
    await expectMigrated();
  });
});

test("a state of a newer version is refused, and nothing is changed", async () => {
  await engine.command(
    `CREATE OR REPLACE VIEW ops.schema_version AS SELECT ${SCHEMA_VERSION + 1} AS version`,
  );
  const worker = failing(0, "before");
  await expect(openState(worker, clock)).rejects.toMatchObject({
    code: "unsupported",
    message: `the state of this project has version ${SCHEMA_VERSION + 1}; this shoplake knows versions up to ${SCHEMA_VERSION}`,
    details: { where: "database ops", hint: expect.stringContaining("newer shoplake") },
  });
  expect(worker.done()).toBe(0);
});
