/**
 * Restoring, removing or damaging any part of the state is noticed: an error or a rebuild, never stale rows with success (design
 * invariant 11). The state has two deliveries behind it; a part of it is exchanged; one run; then everything equals a fresh project.
 */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  arrivals,
  deliver,
  everything,
  loseNewestCommits,
  rejectsOf,
  replaceFolder,
  restoredFiles,
} from "./restored.ts";
import { copyShop, openShop, type TestShop } from "./shop.ts";

let shop: TestShop;
/** What a fresh project shows after `later`, and after `last`. */
const expected: { rows: unknown; rejects: unknown }[] = [];
let keep: string;

const gold = ["sales_by_month", "sales_by_day", "ranked"];
const sql = (statement: string) => shop.project.host.engine.command(statement);

/** Keeps `.shoplake` and `out` as they are now. */
const save = (name: string) =>
  shop.reopen(async () => {
    await replaceFolder(join(shop.dir, ".shoplake"), join(keep, name));
    await replaceFolder(join(shop.dir, "out"), join(keep, `${name}-out`));
  });

/** The whole state goes back to what was kept. */
const load = (name: string) =>
  shop.reopen(async () => {
    await replaceFolder(join(keep, name), join(shop.dir, ".shoplake"));
    await replaceFolder(join(keep, `${name}-out`), join(shop.dir, "out"));
  });

async function good(of: TestShop): Promise<void> {
  const report = await of.run();
  expect(report.tasks.filter(({ state }) => state !== "success")).toEqual([]);
}

async function shown(of: TestShop): Promise<{ rows: unknown; rejects: unknown }> {
  return { rows: await everything(of), rejects: await rejectsOf(of) };
}

beforeAll(async () => {
  shop = await openShop(restoredFiles);
  keep = `${shop.dir}-kept`;
  await deliver(shop, arrivals.first);
  await good(shop);
  await sql("CREATE DATABASE older");
  for (const name of gold) {
    await sql(`CREATE TABLE older.${name} CLONE AS gold.${name}`);
    const comment = await commentOf(`gold.${name}`);
    await sql(`ALTER TABLE older.${name} MODIFY COMMENT '${comment.replaceAll("'", "\\'")}'`);
  }
  await save("old");
  await deliver(shop, arrivals.other);
  await good(shop);
  await save("other");
  await load("old");
  await deliver(shop, arrivals.later);
  await good(shop);
  await save("new");
  for (const files of [{}, arrivals.last]) {
    await deliver(shop, files);
    const whole = await copyShop(shop.dir);
    await rm(join(whole.dir, "out"), { recursive: true, force: true });
    await good(whole);
    expected.push(await shown(whole));
    await whole.stop();
  }
});
afterAll(async () => {
  await shop.stop();
  await rm(keep, { recursive: true, force: true });
});

async function commentOf(table: string): Promise<string> {
  const [row] = await shop.project.host.engine.rows<{ comment: string }>(
    "SELECT comment FROM system.tables WHERE concat(database, '.', name) = {table:String}",
    { params: { table } },
  );
  return row?.comment ?? "";
}

const part = (path: string) => join(shop.dir, path);
const fromKept = (name: string, path: string) => () =>
  replaceFolder(join(keep, name, path.replace(/^\.shoplake\//, "")), part(path));
const removed = (path: string) => () => rm(part(path), { recursive: true, force: true });

const [bronze, silver] = [".shoplake/lake/bronze", ".shoplake/lake/silver"];
const [lake, engine] = [".shoplake/lake", ".shoplake/warehouse"];

/** While the project is closed. */
const offline: Readonly<Record<string, () => Promise<unknown>>> = {
  "bronze removed": removed(bronze),
  "bronze restored to an older state": fromKept("old", bronze),
  "bronze of another history with the same numbers": fromKept("other", bronze),
  "silver removed": removed(silver),
  "silver restored to an older state": fromKept("old", silver),
  "silver of another history with the same numbers": fromKept("other", silver),
  "the lake removed": removed(lake),
  "the lake restored to an older state": fromKept("old", lake),
  "the lake of another history with the same numbers": fromKept("other", lake),
  "warehouse and ops removed": removed(engine),
  "warehouse and ops restored to an older state": fromKept("old", engine),
  "warehouse and ops of another history with the same numbers": fromKept("other", engine),
  "bronze without its newest commits": () => loseNewestCommits(shop.dir, "bronze"),
  "silver without its newest commits": () => loseNewestCommits(shop.dir, "silver"),
  "ops removed": async () => {
    for (const name of ["ops.sql", "ops"]) await removed(`${engine}/metadata/${name}`)();
  },
  "the sink's files removed": removed("out"),
  "the sink's files restored to an older state": () => replaceFolder(join(keep, "old-out"), part("out")),
  "the sink's files of another history": () => replaceFolder(join(keep, "other-out"), part("out")),
  "the sink's newest note lost": removed("out/.gold.sales_by_day.csv.version"),
  "everything but the sink of another history": fromKept("other", ".shoplake"),
};

/** While it is open: what the embedded engine keeps in one folder. */
const online: Readonly<Record<string, () => Promise<unknown>>> = {
  "gold removed": async () => {
    for (const name of gold) await sql(`DROP TABLE gold.${name}`);
  },
  "gold restored to an older state": async () => {
    for (const name of gold) await sql(`EXCHANGE TABLES gold.${name} AND older.${name}`);
  },
  "gold of another history with the same numbers": async () => {
    for (const name of gold) {
      const record = JSON.parse(await commentOf(`gold.${name}`)) as { shoplake: Record<string, unknown> };
      const inputs = Object.keys(record.shoplake["inputMarks"] as object);
      const inputMarks = Object.fromEntries(inputs.map((input, i) => [input, i]));
      const other = JSON.stringify({ shoplake: { ...record.shoplake, taskId: `other${name}`, inputMarks } });
      await sql(`EXCHANGE TABLES gold.${name} AND older.${name}`);
      await sql(`ALTER TABLE gold.${name} MODIFY COMMENT '${other.replaceAll("'", "\\'")}'`);
    }
  },
  "the newest publications not recorded": () =>
    sql(
      "ALTER TABLE ops.publications_log DELETE WHERE published_at >= (SELECT max(started_at) FROM ops.runs_log) SETTINGS mutations_sync = 1",
    ),
  "publications of another history recorded": () =>
    sql(
      "ALTER TABLE ops.publications_log UPDATE version_id = concat('other/0@', toString(version)), task_id = concat(task_id, 'x') WHERE 1 SETTINGS mutations_sync = 1",
    ),
};

/** Rejects are kept in `ops` alone: what goes with them does not come back. */
const losesRejects = (name: string) => /ops|publications of another/.test(name);

async function mends(name: string): Promise<void> {
  await good(shop);
  const after = await shown(shop);
  expect(after.rows).toEqual(expected[0]?.rows);
  if (!losesRejects(name)) expect(after.rejects).toEqual(expected[0]?.rejects);
  await deliver(shop, arrivals.last);
  await good(shop);
  expect(await everything(shop)).toEqual(expected[1]?.rows);
  expect((await shop.run()).tasks.filter(({ action }) => action !== "none")).toEqual([]);
}

describe("a part of the state is exchanged", () => {
  it.each(Object.keys(offline))("%s", async (name) => {
    await load("new");
    await shop.reopen(async () => {
      await rm(part("orders/c.csv"), { force: true });
      await offline[name]?.();
    });
    await mends(name);
  });

  it.each(Object.keys(online))("%s", async (name) => {
    await load("new");
    await rm(part("orders/c.csv"), { force: true });
    await online[name]?.();
    await mends(name);
  });

  it("lake and source of another history: nothing arrives, and everything behind it follows", async () => {
    await load("new");
    await rm(part("orders/c.csv"), { force: true });
    await deliver(shop, arrivals.other);
    await shop.reopen(fromKept("other", ".shoplake/lake"));
    await good(shop);
    const whole = await copyShop(shop.dir);
    await rm(join(whole.dir, "out"), { recursive: true, force: true });
    await good(whole);
    expect(await everything(shop)).toEqual(await everything(whole));
    await whole.stop();
    await deliver(shop, arrivals.later);
  });

  it("is noticed by a process that stays", async () => {
    await load("new");
    await rm(part("orders/c.csv"), { force: true });
    await good(shop);
    await fromKept("old", ".shoplake/lake")();
    await mends("the lake");
  });
});
