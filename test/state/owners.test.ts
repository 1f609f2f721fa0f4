/** Who lives: told at once on one machine, by heartbeat of another; and what is swept. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { LakeStore } from "../../src/lake/store/store.ts";
import { acquireLease } from "../../src/state/lease.ts";
import { listLeases, sweepOwners } from "../../src/state/lease-list.ts";
import { type Owner, type OwnerOptions, openOwner, ownerOfTask, taskIdOf } from "../../src/state/owners.ts";
import { identityOf, lifeOfProcess } from "../../src/state/process-identity.ts";
import { ShoplakeError } from "../../src/util/errors.ts";
import { type EmptyStore, emptyStores, keysOf } from "./lease-stores.ts";

let now = 0;
const venus = { ...identityOf(), machine: "venus" };
const ended = { ...identityOf(), start: "1" };

for (const { kind, available, open } of emptyStores)
  describe.skipIf(!available)(`owners on ${kind}`, () => {
    let under: EmptyStore;
    let store: LakeStore;
    beforeAll(async () => {
      under = await open();
      store = under.store;
    });
    afterAll(() => under?.stop());
    const ownerAt = (options: Partial<OwnerOptions> = {}): Owner =>
      openOwner({
        ...{ store, startedAt: new Date(0), ttl: 1000, heartbeat: 0, monotonic: () => now },
        ...options,
      });

    test("nothing is written before it is needed, and nothing is left after the close", async () => {
      const owner = ownerAt();
      expect(await keysOf(store, "_owners/")).toEqual([]);
      await owner.register();
      await owner.register();
      expect(await keysOf(store, "_owners/")).toEqual([`_owners/${owner.id}.json`]);
      expect(await owner.lifeOf(owner.id)).toBe("alive");
      await owner.close();
      await owner.close();
      expect(await keysOf(store, "_owners/")).toEqual([]);
      expect(await owner.lifeOf(owner.id)).toBe("dead");
    });

    test("of this machine: its process decides at once, whatever its heartbeat", async () => {
      const me = ownerAt();
      const [living, dead] = [ownerAt({ identity: identityOf(process.ppid) }), ownerAt({ identity: ended })];
      for (const owner of [living, dead]) await owner.register();
      expect([await me.lifeOf(living.id), await me.lifeOf(dead.id)]).toEqual(["alive", "dead"]);
      now += 1_000_000;
      expect(await me.lifeOf(living.id)).toBe("alive");
      for (const owner of [living, dead]) await owner.close();
      expect(await me.lifeOf(living.id)).toBe("dead");
    });

    test("of another machine: by a heartbeat that changes, on the reader's own clock", async () => {
      const me = ownerAt();
      const far = ownerAt({ identity: venus });
      await far.register();
      expect(await me.lifeOf(far.id)).toBe("alive");
      now += 1000;
      expect(await me.lifeOf(far.id)).toBe("alive");
      await far.beat();
      now += 1000;
      expect(await me.lifeOf(far.id)).toBe("alive");
      now += 1001;
      expect(await me.lifeOf(far.id)).toBe("dead");
      await far.beat();
      expect(await me.lifeOf(far.id)).toBe("alive");
      await far.close();
    });

    test("a reader that was stopped while it waited for the answer finds nobody dead", async () => {
      const far = ownerAt({ identity: venus });
      await far.register();
      const stopped: LakeStore = {
        ...store,
        read: async (key) => {
          const bytes = await store.read(key);
          now += 60_000;
          return bytes;
        },
      };
      const me = ownerAt({ store: stopped });
      expect([await me.lifeOf(far.id), await me.lifeOf(far.id)]).toEqual(["alive", "alive"]);
      await far.close();
    });

    test("an empty or cut object is that of an owner that says nothing", async () => {
      const me = ownerAt();
      for (const [id, content] of [
        ["aaaaaaaaaaaa", ""],
        ["bbbbbbbbbbbb", '{"id":'],
      ] as const) {
        await store.replace(`_owners/${id}.json`, Buffer.from(content));
        expect(await me.lifeOf(id)).toBe("alive");
        now += 1001;
        expect(await me.lifeOf(id)).toBe("dead");
      }
      expect([...(await sweepOwners(me, new Date()))].sort()).toEqual(["aaaaaaaaaaaa", "bbbbbbbbbbbb"]);
    });

    test("a dead owner is swept once no lease names it; a living one never", async () => {
      const me = ownerAt();
      const dead = ownerAt({ identity: ended });
      const far = ownerAt({ identity: venus });
      await acquireLease(dead, "silver.swept", { purpose: "run x" });
      await far.register();
      await me.register();
      expect(await sweepOwners(me, new Date())).toEqual([]);
      expect(await listLeases(me)).toMatchObject([
        { name: "silver.swept", life: "dead", holder: { owner: { id: dead.id }, purpose: "run x" } },
      ]);
      await (await acquireLease(me, "silver.swept", { purpose: "x" })).release();
      expect(await sweepOwners(me, new Date())).toEqual([dead.id]);
      expect(await keysOf(store, "_owners/")).toEqual(
        [me.id, far.id].sort().map((id) => `_owners/${id}.json`),
      );
      for (const owner of [me, far]) await owner.close();
    });

    test("temporary files of killed processes go after a day", async () => {
      const me = ownerAt();
      const left = "_leases/a/.4a4e7e0e-5a5a-4a4a-8a8a-0123456789ab.tmp";
      await store.replace(left, Buffer.from("x"));
      await sweepOwners(me, new Date());
      expect(await keysOf(store, "_leases/a/")).toEqual([left]);
      await sweepOwners(me, new Date(Date.now() + 2 * 86_400_000));
      expect(await keysOf(store, "_leases/a/")).toEqual([]);
    });

    test("a store that fails at the start is told, and tried again at the next start", async () => {
      let broken = true;
      const flaky: LakeStore = {
        ...store,
        replace: async (key, bytes) => {
          if (broken) throw new ShoplakeError("io", "503", { retryable: true });
          return store.replace(key, bytes);
        },
      };
      const owner = ownerAt({ store: flaky });
      await expect(owner.register()).rejects.toThrow("503");
      broken = false;
      await owner.register();
      await owner.close();
    });
  });

test("a task's id names its owner", () => {
  expect(ownerOfTask(`${taskIdOf("0123456789ab", "f00")}-2`)).toBe("0123456789ab");
  for (const old of ["0123456789ab", "0123456789ab-2", "t", ""]) expect(ownerOfTask(old)).toBeUndefined();
});

test("a process is told apart from one of the same id", () => {
  const self = identityOf();
  expect(lifeOfProcess(self)).toBe("alive");
  expect(lifeOfProcess({ ...self, machine: "elsewhere" })).toBe("unknown");
  if (self.start !== "") expect(lifeOfProcess({ ...self, start: "1" })).toBe("dead");
});
