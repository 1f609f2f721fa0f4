/** Leases between processes that race and die, and between takers of one process in any order. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { localStore } from "../../src/lake/store/local.ts";
import { acquireLease, type Lease, type LeaseMode } from "../../src/state/lease.ts";
import { type Owner, openOwner } from "../../src/state/owners.ts";
import { identityOf } from "../../src/state/process-identity.ts";

let dir = "";
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "shoplake-lease-"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const worker = fileURLToPath(new URL("lease-worker.mjs", import.meta.url));

/** Runs workers at once, each anew when it was killed; gives the log's lines and the number of deaths. */
async function race(workers: readonly { readonly deadly: number; readonly appends: number }[]) {
  const log = join(dir, "log");
  let seed = 1;
  let deaths = 0;
  const run = async (deadly: number, appends: number): Promise<void> => {
    const given = [join(dir, "lake"), "silver.orders", log, 15, seed++ * 7919, deadly, appends];
    const child = spawn(process.execPath, [worker, ...given.map(String)], {
      stdio: ["ignore", "ignore", "inherit"],
    });
    const [code, signal] = (await once(child, "exit")) as [number | null, string | null];
    if (signal === "SIGKILL") {
      deaths++;
      return run(deaths < 12 ? deadly : 0, appends);
    }
    expect(code).toBe(0);
  };
  await Promise.all(workers.map(({ deadly, appends }) => run(deadly, appends)));
  return { lines: readFileSync(log, "utf8").trim().split("\n"), deaths };
}

test("processes that race and die never hold it together, and tokens only grow", async () => {
  const deadly = { deadly: 0.1, appends: 0 };
  const { lines, deaths } = await race([deadly, deadly, deadly, { deadly: 0, appends: 0 }]);
  expect(lines.filter((line) => line.startsWith("VIOLATION"))).toEqual([]);
  const tokens = lines.map((line) => Number(line.split(" ")[0]));
  expect(tokens).toEqual([...tokens].sort((a, b) => a - b));
  expect(new Set(tokens).size).toBe(tokens.length);
  expect(tokens.length).toBeGreaterThanOrEqual(60);
  expect(deaths).toBeGreaterThan(0);
}, 120_000);

test("a rewrite is alone among appends of other processes that die, and does not starve", async () => {
  const append = { deadly: 0.1, appends: 1 };
  const { lines, deaths } = await race([append, append, append, { deadly: 0.05, appends: 0 }]);
  expect(lines.filter((line) => line.startsWith("VIOLATION"))).toEqual([]);
  const rewrites = lines.filter((line) => line.includes("rewrite"));
  expect(rewrites.length).toBeGreaterThanOrEqual(15);
  expect(deaths).toBeGreaterThan(0);
  expect(Math.max(...rewrites.map((line) => Number(line.split(" ")[3])))).toBeLessThan(20_000);
}, 120_000);

interface Step {
  readonly who: number;
  readonly mode: LeaseMode;
  readonly hold: number;
  readonly end: "release" | "fail" | "die";
}

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({
    who: fc.nat(2),
    mode: fc.constantFrom<LeaseMode>("append", "append", "rewrite"),
    hold: fc.nat(4),
    end: fc.constantFrom("release", "release", "fail", "die"),
  }),
  { minLength: 2, maxLength: 10 },
);

test("any takers at once: a rewrite is alone, appends never pass a rewrite that came before", async () => {
  let round = 0;
  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      const store = localStore(join(dir, `lake${round++}`));
      const alive = (): Owner => openOwner({ store, startedAt: new Date(), heartbeat: 0 });
      const owners = [alive(), alive(), alive()];
      const inside = new Map<number, LeaseMode>();
      const order: { readonly token: number; readonly mode: LeaseMode }[] = [];
      const problems: string[] = [];
      const enter = (lease: Lease, mode: LeaseMode): void => {
        const others = [...inside.values()];
        if (others.length > 0 && (mode === "rewrite" || others.includes("rewrite")))
          problems.push(`${mode} ${lease.token} met ${others.join()}`);
        if (
          order.some(
            (before) => before.token > lease.token && (before.mode === "rewrite" || mode === "rewrite"),
          )
        )
          problems.push(`${mode} ${lease.token} came after a later one`);
        inside.set(lease.token, mode);
        order.push({ token: lease.token, mode });
      };
      const perform = async ({ who, mode, hold, end }: Step): Promise<void> => {
        const dead = { ...identityOf(), start: "1" };
        const dies = end === "die" && dead.start !== identityOf().start;
        const owner = dies
          ? openOwner({ store, startedAt: new Date(), heartbeat: 0, identity: dead })
          : owners[who % owners.length];
        if (owner === undefined) throw new Error("unreachable");
        if (dies) {
          // What a killed process leaves: a number that nobody works under.
          void acquireLease(owner, "x", { purpose: "p", mode }).catch(() => undefined);
          return;
        }
        const lease = await acquireLease(owner, "x", { purpose: "p", mode, wait: 30_000 });
        enter(lease, mode);
        await new Promise((resolve) => setTimeout(resolve, hold));
        await lease.check();
        inside.delete(lease.token);
        await lease.release(end === "fail");
      };
      await Promise.all(all.map(perform));
      expect(problems).toEqual([]);
    }),
    { numRuns: 40 },
  );
}, 120_000);
