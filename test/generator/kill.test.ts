/** A process that loads a shop into PostgreSQL, or brings it on, is killed at any moment: the next one finds all of a day or nothing. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { planThrough, shopPlan } from "../../src/generator/plan.ts";
import { loadPostgres, shopInPostgres } from "../../src/generator/postgres/load.ts";
import { postgresTarget } from "../../src/generator/postgres/target.ts";
import { nextDay } from "../../src/generator/record.ts";
import { tableNames } from "../../src/generator/tables/index.ts";
import { main } from "../cli/process.ts";
import { type TestPostgres, testPostgres } from "../postgres.ts";

const postgres = await testPostgres();

describe.skipIf(postgres === undefined)("a kill", () => {
  const pg = postgres as TestPostgres;
  const plan = shopPlan({ until: "2026-06-20", scale: 0.004 });
  beforeAll(() => pg.client.query("SET TimeZone = 'UTC'"));
  afterAll(() => pg.stop());

  async function killed(args: readonly string[], afterMs: number): Promise<boolean> {
    const env = { ...process.env, SHOP_DATABASE_URL: pg.url };
    const child = spawn(process.execPath, [main, "generate", ...args], { stdio: "ignore", env });
    const ended = once(child, "exit");
    await Promise.race([sleep(afterMs), ended]);
    child.kill("SIGKILL");
    const [, signal] = await ended;
    while (await serverStillWorks()) await sleep(20);
    return signal === "SIGKILL";
  }
  /** A COMMIT that was sent before the kill is carried out after it. */
  const serverStillWorks = async () =>
    (
      await pg.client.query(
        "SELECT FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() AND datname = current_database()",
      )
    ).rowCount !== 0;
  const content = async () => {
    const texts: Record<string, unknown> = {};
    for (const name of tableNames)
      texts[name] = (await pg.client.query(`SELECT t::text FROM ${name} t ORDER BY 1`)).rows;
    return texts;
  };
  const drop = () => pg.client.query(`DROP TABLE IF EXISTS ${tableNames.join(", ")}`);

  it("while the shop is loaded leaves nothing, or all", { timeout: 180_000 }, async () => {
    let kills = 0;
    for (const afterMs of [250, 400, 550, 700, 850, 1000]) {
      await drop();
      kills += Number(await killed(["--scale", "0.004", "--until", "2026-06-20"], afterMs));
      const record = await shopInPostgres(pg.url);
      if (record === undefined) await loadPostgres(pg.url, plan);
      expect(await shopInPostgres(pg.url)).toEqual({ ...plan, loaded: plan.until });
    }
    expect(kills).toBeGreaterThan(0);
  });

  it("while days are written leaves whole days", { timeout: 180_000 }, async () => {
    const target = postgresTarget(pg.url);
    await drop();
    await target.load(plan);
    let [last, kills] = [plan.until, 0];
    for (const afterMs of [200, 275, 350, 425, 500, 575, 650]) {
      const next = nextDay({ until: last });
      kills += Number(await killed(["--day", next], afterMs));
      const found = (await target.record())?.until;
      expect([last, next]).toContain(found);
      await target.bringOn(next);
      last = next;
    }
    expect(kills).toBeGreaterThan(0);
    const daily = await content();
    await drop();
    await target.load(planThrough(plan, last));
    expect(await content()).toEqual(daily);
  });
});
