import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { localStore } from "../../src/lake/store/local.ts";
import type { LakeStore } from "../../src/lake/store/store.ts";
import { acquireLease, type Lease, type LeaseOptions, leaseHolder } from "../../src/state/lease.ts";
import { identityOf, lifeOf } from "../../src/state/process-identity.ts";
import { ShoplakeError } from "../../src/util/errors.ts";

let dir = "";
let store: LakeStore;
let now = Date.UTC(2024, 0, 1);
const clock = () => new Date(now);
const open: Lease[] = [];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "shoplake-lease-"));
  store = localStore(dir);
});
afterEach(async () => {
  for (const lease of open.splice(0)) await lease.release();
  await rm(dir, { recursive: true, force: true });
});

const me = { pid: process.pid, host: "mars", startedAt: "2024-01-01T00:00:00.000Z", runId: "run1" };

async function take(options: Partial<LeaseOptions> = {}, owner = me, of: LakeStore = store): Promise<Lease> {
  const lease = await acquireLease(of, "silver.orders", owner, {
    clock,
    heartbeat: 0,
    ttl: 1000,
    ...options,
  });
  open.push(lease);
  return lease;
}

/** Makes the holder look like a process of another machine, or one that died here. */
async function pretend(token: number, identity: object): Promise<void> {
  const key = `_leases/silver.orders/${String(token).padStart(12, "0")}.lease`;
  const holder = JSON.parse(Buffer.from((await store.read(key)) ?? []).toString()) as { identity: object };
  await store.replace(
    key,
    Buffer.from(JSON.stringify({ ...holder, identity: { ...holder.identity, ...identity } })),
  );
}

describe("one holder", () => {
  test("a second taker is refused, with pid, host and start of the first", async () => {
    await take();
    const refused = await take().catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ShoplakeError);
    expect(refused).toMatchObject({ code: "locked", retryable: true });
    expect(String(refused)).toContain(
      `pid ${process.pid} on mars, started 2024-01-01T00:00:00.000Z (run run1)`,
    );
  });

  test("after release the next one gets a greater token; names do not disturb each other", async () => {
    const first = await take();
    await acquireLease(store, "silver/other {*}", me, { clock, heartbeat: 0 });
    await first.release();
    await first.release();
    const second = await take();
    expect(second.token).toBeGreaterThan(first.token);
    await expect(first.check()).rejects.toMatchObject({ code: "conflict" });
    await second.check();
  });

  test("leaseHolder tells who holds it", async () => {
    expect(await leaseHolder(store, "silver.orders", { clock })).toBeUndefined();
    const lease = await take();
    expect(await leaseHolder(store, "silver.orders", { clock })).toMatchObject(me);
    await lease.release();
    expect(await leaseHolder(store, "silver.orders", { clock })).toBeUndefined();
  });

  test("waiting gets it when the other lets go", async () => {
    const first = await take();
    setTimeout(() => void first.release(), 50);
    const second = await take({ wait: 10_000, clock: () => new Date() });
    expect(second.token).toBe(first.token + 1);
  });
});

describe("takeover", () => {
  test("of a process that is gone: at once", async () => {
    const child = spawn(process.execPath, ["-e", ""]);
    await once(child, "exit");
    const first = await take({}, { ...me, pid: child.pid ?? 0 });
    const second = await take();
    expect(second.token).toBe(first.token + 1);
    expect([first.takenOver, second.takenOver]).toEqual([false, true]);
    await second.release();
    const third = await take();
    expect(third.takenOver).toBe(false);
    await third.release(true);
    expect((await take()).takenOver).toBe(true);
  });

  test("of a process whose id was given out again: at once", async () => {
    const first = await take();
    await pretend(first.token, { start: "1" });
    expect((await take()).token).toBe(first.token + 1);
  });

  test("not of a living process, however old its heartbeat", async () => {
    await take();
    now += 3_600_000;
    await expect(take()).rejects.toMatchObject({ code: "locked" });
  });

  test("of another machine: after ttl without a heartbeat, and the old holder notices", async () => {
    const first = await take();
    await pretend(first.token, { machine: "venus" });
    now += 900;
    await expect(take()).rejects.toMatchObject({ code: "locked" });
    await first.renew();
    now += 900;
    await expect(take()).rejects.toMatchObject({ code: "locked" });
    now += 200;
    const second = await take();
    expect(second.token).toBe(first.token + 1);
    await expect(first.check()).rejects.toMatchObject({ code: "conflict" });
    expect(first.signal.aborted).toBe(true);
    await first.renew();
    await second.check();
  });

  test("the heartbeat goes on by itself and notices the loss", async () => {
    const first = await take({ heartbeat: 5 });
    await expect.poll(() => existsSync(join(dir, "_leases/silver.orders/000000000001.beat"))).toBe(true);
    await pretend(first.token, { machine: "venus" });
    now += 60_000;
    await first.release();
    const again = await take({ heartbeat: 5 });
    await pretend(again.token, { start: "1" });
    await take();
    await expect.poll(() => again.signal.aborted).toBe(true);
  });

  test("of two takers at once one wins", async () => {
    for (let round = 0; round < 20; round++) {
      const dead = await take();
      await pretend(dead.token, { start: "1" });
      const results = await Promise.allSettled([1, 2, 3, 4].map(() => take()));
      const won = results.filter((result) => result.status === "fulfilled");
      expect(won).toHaveLength(1);
      for (const lease of open.splice(0)) await lease.release();
    }
  });

  test("a taker that slept through several takeovers does not get the lease", async () => {
    const first = await take();
    await first.release();
    let stalled = true;
    const slow: LakeStore = {
      ...store,
      create: async (key, bytes) => {
        if (stalled && key.endsWith(".lease")) {
          stalled = false;
          for (let i = 0; i < 15; i++) await (await take()).release();
          await take();
        }
        return store.create(key, bytes);
      },
    };
    await expect(take({}, me, slow)).rejects.toMatchObject({ code: "locked" });
    expect(await leaseHolder(store, "silver.orders", { clock })).toBeDefined();
  });
});

test("a lost answer of the store is looked up", async () => {
  const lossy: LakeStore = {
    ...store,
    create: async (key, bytes) => {
      await store.create(key, bytes);
      throw new ShoplakeError("io", "no answer", { retryable: true });
    },
  };
  const lease = await acquireLease(lossy, "silver.orders", me, { clock, heartbeat: 0 });
  await lease.check();
  await expect(take()).rejects.toMatchObject({ code: "locked" });
});

test("old objects are cleaned up", async () => {
  for (let i = 0; i < 30; i++) await (await take()).release();
  const keys: string[] = [];
  for await (const { key } of store.list("_leases/")) keys.push(key);
  expect(keys.length).toBeLessThanOrEqual(25);
});

test("a process is told apart from one of the same id", () => {
  const self = identityOf();
  expect(lifeOf(self)).toBe("alive");
  expect(lifeOf({ ...self, machine: "elsewhere" })).toBe("unknown");
  if (self.start !== "") expect(lifeOf({ ...self, start: "1" })).toBe("dead");
});

test("processes that race and die never hold it together, and tokens only grow", async () => {
  const log = join(dir, "log");
  const worker = fileURLToPath(new URL("lease-worker.mjs", import.meta.url));
  let seed = 1;
  let deaths = 0;
  const run = async (deadly: number): Promise<void> => {
    const child = spawn(
      process.execPath,
      [worker, dir, "silver.orders", log, "15", String(seed++ * 7919), String(deadly)],
      { stdio: ["ignore", "ignore", "inherit"] },
    );
    const [code, signal] = (await once(child, "exit")) as [number | null, string | null];
    if (signal === "SIGKILL") {
      deaths++;
      return run(deaths < 12 ? deadly : 0);
    }
    expect(code).toBe(0);
  };
  await Promise.all([run(0.1), run(0.1), run(0.1), run(0)]);
  const lines = readFileSync(log, "utf8").trim().split("\n");
  expect(lines.filter((line) => line.startsWith("VIOLATION"))).toEqual([]);
  const tokens = lines.map((line) => Number(line.split(" ")[0]));
  expect(tokens).toEqual([...tokens].sort((a, b) => a - b));
  expect(new Set(tokens).size).toBe(tokens.length);
  expect(tokens.length).toBeGreaterThanOrEqual(60);
  expect(deaths).toBeGreaterThan(0);
}, 120_000);
