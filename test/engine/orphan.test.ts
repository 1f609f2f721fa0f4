/** An engine never outlives the process that started it, whenever that one is killed: also while the engine starts. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { TEST_ENGINE, temporaryDir } from "./harness.ts";

const rounds = process.env["CI"] === "true" || process.env["SHOPLAKE_FULL"] === "1" ? 40 : 12;
const isLinux = process.platform === "linux";
let dir: string;
beforeAll(async () => {
  dir = await temporaryDir();
});
afterAll(() => rm(dir, { recursive: true, force: true }));

/** Ids of processes whose command line names the state folder. */
function processesOf(stateDir: string): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(stateDir);
      } catch {
        return false;
      }
    });
}

it.runIf(isLinux)(
  `${rounds} starters are killed; each engine ends by itself`,
  async () => {
    const script = join(import.meta.dirname, "starter.mjs");
    for (let i = 0; i < rounds; i++) {
      const starter = fork(script, [dir, JSON.stringify(TEST_ENGINE)]);
      const ended = once(starter, "exit");
      const begun = await Promise.race([engineIn(dir), ended.then(() => undefined)]);
      expect(begun).toBeGreaterThan(0);
      await sleep((i / rounds) * 700);
      starter.kill("SIGKILL");
      await ended;
      await expect.poll(() => processesOf(dir), { timeout: 15_000, interval: 25 }).toEqual([]);
    }
  },
  300_000,
);

/** The engine's process, as soon as there is one. */
async function engineIn(stateDir: string): Promise<number> {
  for (;;) {
    const found = processesOf(stateDir).find((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("embedded/main.js");
      } catch {
        return false;
      }
    });
    if (found !== undefined) return found;
    await sleep(5);
  }
}
