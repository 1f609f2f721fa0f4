/** Leases over both stores: who holds, who takes over, what is fenced, and what a failing store or a damaged file does. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { LakeStore } from "../../src/lake/store/store.ts";
import { acquireLease, type Lease, type LeaseOptions, leaseHolders } from "../../src/state/lease.ts";
import { listLeases } from "../../src/state/lease-list.ts";
import { type Owner, openOwner } from "../../src/state/owners.ts";
import { identityOf } from "../../src/state/process-identity.ts";
import { ShoplakeError } from "../../src/util/errors.ts";
import { type EmptyStore, emptyStores, keysOf } from "./lease-stores.ts";

let now = 0;
const startedAt = new Date("2024-01-01T00:00:00.000Z");
const owners: Owner[] = [];
const open: Lease[] = [];
let names = 0;
let name = "silver.orders";

afterEach(async () => {
  for (const lease of open.splice(0)) await lease.release();
  for (const owner of owners.splice(0)) await owner.close();
});

/** An owner whose clock the test moves; by default another process of this machine that lives. */
function ownerAt(store: LakeStore, options: Partial<Parameters<typeof openOwner>[0]> = {}): Owner {
  const monotonic = (): number => now;
  const owner = openOwner({
    ...{ store, startedAt, host: "mars", ttl: 1000, heartbeat: 0, monotonic },
    ...options,
  });
  owners.push(owner);
  return owner;
}

async function take(owner: Owner, options: Partial<LeaseOptions> = {}): Promise<Lease> {
  const lease = await acquireLease(owner, name, { purpose: "run run1", ...options });
  open.push(lease);
  return lease;
}

/** Takes the lease without waiting and gives it back: "taken", or why not. */
async function outcome(owner: Owner): Promise<string> {
  try {
    await (await take(owner)).release();
    return "taken";
  } catch (error) {
    return String(error);
  }
}

const venus = { ...identityOf(), machine: "venus" };
const key = (token: number, part: string): string =>
  `_leases/${encodeURIComponent(name)}/${String(token).padStart(12, "0")}.${part}`;

for (const { kind, available, open: openStore } of emptyStores)
  describe.skipIf(!available)(`leases on ${kind}`, () => {
    let under: EmptyStore;
    let store: LakeStore;
    let me: Owner;
    beforeAll(async () => {
      under = await openStore();
      store = under.store;
    });
    afterAll(() => under?.stop());
    const begin = (): Owner => {
      name = `silver.orders_${names++}`;
      me = ownerAt(store);
      return me;
    };
    /** A process that has ended. */
    const deadPid = async (): Promise<number> => {
      const child = spawn(process.execPath, ["-e", ""]);
      await once(child, "exit");
      return child.pid ?? 0;
    };

    test("a second taker is refused, with pid, host and start of the first", async () => {
      begin();
      await take(me);
      for (const owner of [me, ownerAt(store)]) {
        const refused = await take(owner).catch((error: unknown) => error);
        expect(refused).toBeInstanceOf(ShoplakeError);
        expect(refused).toMatchObject({ code: "locked", retryable: true });
        expect(String(refused)).toContain(
          `pid ${process.pid} on mars, started 2024-01-01T00:00:00.000Z (run run1)`,
        );
      }
      expect(await keysOf(store, `_leases/${name}/`)).toEqual([key(1, "lease")]);
    });

    test("after release the next one gets a greater token; names do not disturb each other", async () => {
      begin();
      const first = await take(me);
      open.push(await acquireLease(me, "silver/other {*}", { purpose: "x" }));
      await first.release();
      await first.release();
      const second = await take(ownerAt(store));
      expect(second.token).toBeGreaterThan(first.token);
      await expect(first.check()).rejects.toMatchObject({ code: "conflict" });
      await second.check();
    });

    test("leaseHolders and listLeases tell who holds it", async () => {
      begin();
      expect(await leaseHolders(me, name)).toEqual([]);
      const lease = await take(me);
      const ticket = { purpose: "run run1", mode: "rewrite", owner: { id: me.id, pid: process.pid } };
      expect(await leaseHolders(me, name)).toMatchObject([{ number: lease.token, ticket }]);
      const listed = (await listLeases(ownerAt(store))).filter((held) => held.name === name);
      expect(listed).toMatchObject([{ name, token: 1, holder: ticket, life: "alive" }]);
      await lease.release();
      expect(await leaseHolders(me, name)).toEqual([]);
    });

    test("waiting gets it when the other lets go", async () => {
      begin();
      const first = await take(me);
      const said: string[] = [];
      const second = await take(ownerAt(store), {
        wait: 10_000,
        onWait: (what) => {
          said.push(what);
          void first.release();
        },
      });
      expect(second.token).toBe(first.token + 1);
      expect(said).toEqual([
        `the lease of ${name}, held by pid ${process.pid} on mars, started 2024-01-01T00:00:00.000Z (run run1)`,
      ]);
    });

    describe("takeover", () => {
      test("of a process that is gone: at once", async () => {
        begin();
        const gone = ownerAt(store, { identity: { ...identityOf(), pid: await deadPid(), start: "1" } });
        const first = await take(gone);
        const second = await take(me);
        expect(second.token).toBe(first.token + 1);
        expect([first.takenOver, second.takenOver]).toEqual([false, true]);
        await second.release();
        const third = await take(me);
        expect(third.takenOver).toBe(false);
        await third.release(true);
        expect((await take(me)).takenOver).toBe(true);
      });

      test("of a process whose id was given out again: at once", async () => {
        begin();
        const first = await take(ownerAt(store, { identity: { ...identityOf(), start: "1" } }));
        expect((await take(me)).token).toBe(first.token + 1);
      });

      test("not of a living process, however old its heartbeat", async () => {
        begin();
        const other = ownerAt(store, { identity: { ...identityOf(process.ppid) } });
        await take(other);
        await expect(take(me)).rejects.toMatchObject({ code: "locked" });
        now += 3_600_000;
        await expect(take(me)).rejects.toMatchObject({ code: "locked" });
      });

      test("of another machine: after ttl without a heartbeat, and the old holder notices", async () => {
        begin();
        const far = ownerAt(store, { identity: venus });
        const first = await take(far);
        now += 3_600_000;
        await expect(take(me)).rejects.toMatchObject({ code: "locked" });
        now += 900;
        await expect(take(me)).rejects.toMatchObject({ code: "locked" });
        await far.beat();
        now += 900;
        await expect(take(me)).rejects.toMatchObject({ code: "locked" });
        now += 900;
        await expect(take(me)).rejects.toMatchObject({ code: "locked" });
        now += 200;
        const second = await take(me);
        expect(second.token).toBe(first.token + 1);
        await expect(first.check()).rejects.toMatchObject({ code: "conflict" });
        expect(first.signal.aborted).toBe(true);
        await first.release();
        await second.check();
      });

      test("of another owner of this process that ended without a close: after ttl", async () => {
        begin();
        await take(ownerAt(store));
        await expect(take(me)).rejects.toMatchObject({ code: "locked" });
        now += 1001;
        expect((await take(me)).takenOver).toBe(true);
      });

      test("the heartbeat goes on by itself and notices the loss", async () => {
        begin();
        const far = ownerAt(store, { identity: venus, heartbeat: 5 });
        const first = await take(far);
        const beat = (): Promise<string> => store.read(`_owners/${far.id}.json`).then(String);
        const before = await beat();
        await expect.poll(beat, { timeout: 10_000 }).not.toBe(before);
        await store.create(key(first.token, "released"), Buffer.from("dead"));
        await expect.poll(() => first.signal.aborted, { timeout: 10_000 }).toBe(true);
      });

      test("of two takers at once one wins", async () => {
        begin();
        for (let round = 0; round < 10; round++) {
          await take(ownerAt(store, { identity: { ...identityOf(), start: "1" } }));
          open.splice(0);
          const others = [me, me, ownerAt(store), ownerAt(store)];
          const results = await Promise.allSettled(others.map((owner) => take(owner)));
          const won = results.filter((result) => result.status === "fulfilled");
          expect(won).toHaveLength(1);
          for (const lease of open.splice(0)) await lease.release();
        }
      });

      test("a taker that slept through several takeovers does not get the lease", async () => {
        begin();
        const first = await take(me);
        await first.release();
        let stalled = true;
        const slow: LakeStore = {
          ...store,
          create: async (made, bytes) => {
            if (stalled && made.endsWith(".lease")) {
              stalled = false;
              for (let i = 0; i < 15; i++) await (await take(me)).release();
              await take(me);
            }
            return store.create(made, bytes);
          },
        };
        await expect(take(ownerAt(slow))).rejects.toMatchObject({ code: "locked" });
        expect(await leaseHolders(me, name)).toMatchObject([{ number: 17 }]);
      });
    });

    describe("two modes", () => {
      test("appends share it; a rewrite waits for all of them, and goes before the next append", async () => {
        begin();
        const other = ownerAt(store);
        const [one, two] = [
          await take(me, { mode: "append" }),
          await take(other, { mode: "append" }),
        ] as const;
        await expect(take(me)).rejects.toMatchObject({ code: "locked" });
        const order: string[] = [];
        const rewrite = take(other, { wait: 60_000, onWait: () => order.push("rewrite waits") });
        await expect.poll(() => order.length, { timeout: 10_000 }).toBe(1);
        const append = take(me, { mode: "append", wait: 60_000, onWait: () => order.push("append waits") });
        await expect.poll(() => order.length, { timeout: 10_000 }).toBe(2);
        await one.release();
        await one.check().catch(() => undefined);
        await two.check();
        await two.release();
        const held = await rewrite;
        await expect(take(me, { mode: "append" })).rejects.toMatchObject({ code: "locked" });
        order.push("rewrite has it");
        await held.release();
        (await append).check();
        expect(order).toEqual(["rewrite waits", "append waits", "rewrite has it"]);
      });

      test("a rewrite that died while it waited stops nobody", async () => {
        begin();
        const append = await take(me, { mode: "append" });
        const dying = ownerAt(store, { identity: { ...identityOf(), start: "1" } });
        const waiting = acquireLease(dying, name, { purpose: "x", wait: 60_000 });
        await expect
          .poll(async () => (await keysOf(store, `_leases/${name}/`)).length, { timeout: 10_000 })
          .toBe(2);
        (await take(me, { mode: "append" })).check();
        await append.check();
        for (const lease of open.splice(0)) await lease.release();
        await expect(waiting.then((lease) => lease.check())).rejects.toMatchObject({ code: "conflict" });
      });
    });

    describe("waiting", () => {
      test("an abort ends it at once, says what it waited for, and leaves nothing", async () => {
        begin();
        const first = await take(me);
        const stop = new AbortController();
        const other = ownerAt(store);
        const waiting = acquireLease(other, name, {
          ...{ purpose: "x", wait: 600_000, signal: stop.signal },
          onWait: () => setTimeout(() => stop.abort(), 100),
        });
        const error = await waiting.catch((reason: unknown) => reason);
        expect(error).toMatchObject({ code: "interrupted" });
        expect(String(error)).toContain(
          `waiting for the lease of ${name}, held by pid ${process.pid} on mars`,
        );
        expect(other.holdings.size).toBe(0);
        await first.release();
        await take(me);
        await expect(
          acquireLease(me, name, { purpose: "x", signal: AbortSignal.abort() }),
        ).rejects.toMatchObject({
          code: "interrupted",
        });
      });

      test("an abort lets go within 250 ms though the store does not answer", async () => {
        begin();
        const silent: LakeStore = { ...store, keys: () => never() };
        const stop = new AbortController();
        const waiting = acquireLease(ownerAt(silent), name, {
          purpose: "x",
          wait: 1000,
          signal: stop.signal,
        });
        const reason = new ShoplakeError("interrupted", "the run was cancelled");
        const aborted = performance.now();
        stop.abort(reason);
        const late = new Promise((resolve) => setTimeout(resolve, 2000, "still waiting"));
        expect(await Promise.race([waiting.catch((error: unknown) => error), late])).toMatchObject({
          code: "interrupted",
          message: expect.stringMatching(
            /^interrupted while waiting for the lease of .*: the run was cancelled$/,
          ),
          cause: reason,
        });
        expect(performance.now() - aborted).toBeLessThan(250);
      });

      test("the bound ends it, and the number it had is given back", async () => {
        begin();
        const first = await take(me);
        const started = performance.now();
        const other = ownerAt(store, { monotonic: () => performance.now() });
        await expect(take(other, { wait: 150 })).rejects.toMatchObject({ code: "locked" });
        expect(performance.now() - started).toBeGreaterThanOrEqual(140);
        await first.release();
        expect(await leaseHolders(me, name)).toEqual([]);
      });
    });

    describe("a store that fails", () => {
      test("a lost answer is looked up", async () => {
        begin();
        const lossy: LakeStore = {
          ...store,
          create: async (made, bytes) => {
            await store.create(made, bytes);
            throw new ShoplakeError("io", "no answer", { retryable: true });
          },
        };
        const lease = await take(ownerAt(lossy));
        await lease.check();
        await expect(take(me)).rejects.toMatchObject({ code: "locked" });
      });

      test("a release that failed: free for this process at once, for others when it is tried again", async () => {
        begin();
        let broken = true;
        const said: string[] = [];
        const flaky: LakeStore = {
          ...store,
          create: async (made, bytes) => {
            if (broken && made.endsWith(".released"))
              throw new ShoplakeError("io", "503", { retryable: true });
            return store.create(made, bytes);
          },
        };
        const owner = ownerAt(flaky, {
          warn: (message) => said.push(message),
          identity: identityOf(process.ppid),
        });
        const first = await take(owner);
        await first.release();
        expect(said).toEqual([`the lease of ${name} could not be given back yet, it is tried again: 503`]);
        await expect(take(me)).rejects.toMatchObject({ code: "locked" });
        broken = false;
        await expect.poll(() => owner.holdings.size, { timeout: 5000 }).toBe(0);
        await (await take(me)).release();

        broken = true;
        await (await take(owner)).release();
        broken = false;
        expect(await outcome(owner)).toBe("taken");

        broken = true;
        await (await take(owner)).release();
        broken = false;
        await owner.beat();
        await (await take(me)).release();

        broken = true;
        await (await take(owner)).release();
        broken = false;
        await owner.close();
        await take(me);
      });

      test("a listing that fails after the number was created gives the number back", async () => {
        begin();
        let listings = 0;
        const flaky: LakeStore = {
          ...store,
          keys: (prefix, after) => {
            if (++listings === 3) throw new ShoplakeError("io", "503", { retryable: true });
            return store.keys(prefix, after);
          },
        };
        const owner = ownerAt(flaky);
        await expect(take(owner)).rejects.toThrow("503");
        expect(owner.holdings.size).toBe(0);
        await take(me);
      });
    });

    describe("damaged files", () => {
      test.each(["", "{", '{"owner":{"id":"x"}}', "null", "\u0000\u0000"])(
        "a lease file that holds %j is a dead holder after one ttl, and is named",
        async (content) => {
          begin();
          const said: string[] = [];
          const owner = ownerAt(store, { warn: (message) => said.push(message) });
          await store.replace(key(9998, "lease"), Buffer.from(content));
          await expect(take(owner)).rejects.toMatchObject({
            code: "locked",
            message: expect.stringContaining("empty or damaged"),
          });
          now += 900;
          await expect(take(owner)).rejects.toMatchObject({ code: "locked" });
          now += 200;
          expect(await outcome(owner)).toBe("taken");
          expect(String(await store.read(key(9998, "released")))).toBe("dead");
          expect(await keysOf(store, key(9999, ""))).toHaveLength(2);
          expect(said[0]).toContain(key(9998, "lease"));
        },
      );

      test("names that are none of ours, damaged words that it ended, and a lost owner do no harm", async () => {
        begin();
        for (const other of ["x.lease", "99999999999999999999.lease", "readme", "000000000003.beat"])
          await store.replace(`_leases/${name}/${other}`, Buffer.from("?"));
        const first = await take(me);
        await first.release();
        await store.replace(key(first.token, "released"), Buffer.from("fai"));
        const second = await take(me);
        expect([second.token, second.takenOver]).toEqual([2, true]);
        await store.replace(`_owners/${me.id}.json`, Buffer.from(""));
        await second.check();
        await expect(take(ownerAt(store))).rejects.toMatchObject({ code: "locked" });
      });

      test("a lease file of version 0.1.0 is understood", async () => {
        begin();
        const identity = identityOf();
        const old = { pid: 1, host: "old", startedAt: "2020", runId: "r", nonce: "n", takenAt: 1 };
        const write = (number: number, start: string): Promise<void> =>
          store.replace(
            key(number, "lease"),
            Buffer.from(JSON.stringify({ ...old, identity: { ...identity, start } })),
          );
        await write(4, "1");
        const lease = await take(me);
        expect([lease.token, lease.takenOver]).toEqual([5, true]);
      });
    });

    test("old objects are cleaned up, a long append is not", async () => {
      begin();
      const long = await take(me, { mode: "append" });
      for (let i = 0; i < 30; i++) await (await take(me, { mode: "append" })).release();
      expect((await keysOf(store, `_leases/${name}/`)).length).toBeLessThanOrEqual(25);
      await long.check();
      await expect(take(me)).rejects.toMatchObject({ code: "locked" });
    });

    test("a lease costs two listings, one read and one write; a look at the fence two reads", async () => {
      begin();
      await (await take(me)).release();
      const calls: string[] = [];
      const counted = new Proxy(store, {
        get: (target, method: keyof LakeStore) => {
          const value = target[method];
          if (typeof value !== "function") return value;
          return (...given: unknown[]) => {
            calls.push(method);
            return Reflect.apply(value, target, given) as unknown;
          };
        },
      });
      const owner = ownerAt(counted);
      await owner.register();
      calls.length = 0;
      const lease = await take(owner, { wait: 1000 });
      expect(calls.sort()).toEqual(["create", "keys", "keys", "read"]);
      calls.length = 0;
      await lease.check();
      await lease.release();
      expect(calls).toEqual(["read", "read", "create"]);
    });
  });

async function* never(): AsyncIterable<string> {
  await new Promise(() => undefined);
  yield "";
}
