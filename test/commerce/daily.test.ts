/** Day after day, killed or not: the shop ends with the numbers of one full run. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { type TestPostgres, testPostgres } from "../postgres.ts";
import { type CommerceShop, expectSuccess, expectTruth, nowOf, openCommerce } from "./shop.ts";

const available = await testPostgres();
await available?.stop();
const days = 30;
/** Without kills the nightly run does them all; with kills, every run does. */
const quietDays = process.env["SHOPLAKE_FULL"] === "1" ? days : 7;
const script = fileURLToPath(new URL("../pipeline/killed-run.mjs", import.meta.url));
const steps = ["step:plan", "step:stage", "step:audit", "step:publish", "step:record"];

describe.skipIf(available === undefined)("a run each day", () => {
  let postgres: TestPostgres;
  let shop: CommerceShop;
  const open = async (scale: number) => {
    postgres = (await testPostgres()) as TestPostgres;
    shop = await openCommerce(postgres, { scale, seed: 7, until: "2026-05-31", months: 12, faults: 5 });
  };
  afterEach(async () => {
    await shop?.stop();
    await postgres?.stop();
  });

  it(`ends with the truth after ${quietDays} days`, async () => {
    await open(0.01);
    expectSuccess(await shop.run());
    for (let i = 0; i < quietDays; i++) {
      await shop.nextDay();
      expectSuccess(await shop.run());
    }
    await expectTruth(shop);
  }, 900_000);

  it(`ends with the truth after ${days} days, with a kill -9 in each`, async () => {
    await open(0.002);
    expectSuccess(await shop.run());
    let killed = 0;
    for (let i = 0; i < days; i++) {
      await shop.nextDay();
      await shop.project.close();
      const at = {
        kind: steps[i % steps.length] ?? "",
        nth: 1 + ((i * 7) % 24),
        victim: i % 6 === 5 ? "engine" : "self",
      };
      if (!(await killedRun(shop, at)).startsWith("0 success")) killed++;
      await shop.reopen();
      expectSuccess(await shop.run());
    }
    expect(killed).toBeGreaterThan(days * 0.6);
    await expectTruth(shop);
    expect(await shop.rows("SELECT name FROM system.tables WHERE database = 'staging'")).toEqual([]);
  }, 900_000);
});

/** A run in a process of its own that is killed, or whose engine is. Gives how it ended. */
function killedRun(shop: CommerceShop, at: { kind: string; nth: number; victim: string }): Promise<string> {
  return new Promise((resolve) => {
    const child = spawn(
      process.execPath,
      [script, shop.dir, at.kind, String(at.nth), "0", at.victim, new Date(nowOf(shop.plan)).toISOString()],
      { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...shop.env } },
    );
    let output = "";
    child.stdout.on("data", (data) => (output += data));
    child.stderr.on("data", (data) => (output += data));
    child.on("close", (code, signal) => resolve(`${code ?? signal} ${output.trim()}`));
  });
}
