/** One conformance suite for every store. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LakeStore } from "../../src/lake/store/store.ts";
import { type StoreUnderTest, storeKinds } from "./stores.ts";

const bytes = (text: string) => Buffer.from(text);
const textOf = (found: Uint8Array | undefined) =>
  found === undefined ? undefined : Buffer.from(found).toString();

async function keysOf(store: LakeStore, prefix: string, after?: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list(prefix, after)) keys.push(key);
  const only: string[] = [];
  for await (const key of store.keys(prefix, after)) only.push(key);
  expect(only).toEqual(keys);
  return keys;
}

for (const { kind, available, open } of storeKinds)
  describe.skipIf(!available)(`store on ${kind}`, () => {
    let under: StoreUnderTest;
    let store: LakeStore;
    beforeAll(async () => {
      under = await open();
      store = under.store;
    });
    afterAll(() => under?.stop());

    it("reads what was created, and undefined for what is absent", async () => {
      expect(await store.create("a/one.json", bytes("1"))).toBe(true);
      expect(textOf(await store.read("a/one.json"))).toBe("1");
      expect(await store.read("a/none.json")).toBeUndefined();
      expect(await store.read("a/one.json/below")).toBeUndefined();
    });

    it("creates an object only once and never changes it", async () => {
      expect(await store.create("b/x", bytes("first"))).toBe(true);
      expect(await store.create("b/x", bytes("second"))).toBe(false);
      expect(textOf(await store.read("b/x"))).toBe("first");
    });

    it("has one winner of 20 who create the same object at once", async () => {
      for (let round = 0; round < 10; round++) {
        const key = `race/${round}`;
        const results = await Promise.all(
          Array.from({ length: 20 }, (_, i) => store.create(key, bytes(`w${i}`))),
        );
        expect(results.filter(Boolean)).toHaveLength(1);
        expect(textOf(await store.read(key))).toBe(`w${results.indexOf(true)}`);
      }
    });

    it("replaces in one step: a reader sees the old or the new bytes", async () => {
      const versions = Array.from({ length: 20 }, (_, i) => String.fromCharCode(97 + i).repeat(50_000));
      await store.replace("r/pointer", bytes(versions[0] ?? ""));
      let done = false;
      const reader = (async () => {
        const seen = new Set<string>();
        while (!done) seen.add(textOf(await store.read("r/pointer")) ?? "absent");
        return seen;
      })();
      for (const version of versions) await store.replace("r/pointer", bytes(version));
      done = true;
      for (const seen of await reader) expect(versions).toContain(seen);
    });

    it("lists keys of a prefix in byte order, with sizes and times", async () => {
      const keys = [
        "l/b/2.json",
        "l/b/10.json",
        "l/a.json",
        "l/b.json",
        "l/é.json",
        "l/b/c/d.json",
        "lx.json",
      ];
      for (const key of keys) await store.create(key, bytes(key));
      const wanted = keys.filter((key) => key.startsWith("l/"));
      wanted.sort((a, b) => Buffer.compare(bytes(a), bytes(b)));
      expect(await keysOf(store, "l/")).toEqual(wanted);
      expect(await keysOf(store, "l/b/")).toEqual(["l/b/10.json", "l/b/2.json", "l/b/c/d.json"]);
      expect(await keysOf(store, "l/b")).toEqual(["l/b.json", "l/b/10.json", "l/b/2.json", "l/b/c/d.json"]);
      expect(await keysOf(store, "l/b/", "l/b/10.json")).toEqual(["l/b/2.json", "l/b/c/d.json"]);
      expect(await keysOf(store, "l/", "l/b/2.json")).toEqual(["l/b/c/d.json", "l/é.json"]);
      expect(await keysOf(store, "none/")).toEqual([]);
      for await (const object of store.list("l/é")) {
        expect(object.size).toBe(bytes("l/é.json").length);
        expect(Math.abs(Date.now() - object.modified)).toBeLessThan(60_000);
      }
    });

    it("lists more objects than one page holds", async () => {
      const keys = Array.from({ length: 1203 }, (_, i) => `many/${String(i).padStart(5, "0")}`);
      for (let i = 0; i < keys.length; i += 50)
        await Promise.all(keys.slice(i, i + 50).map((key) => store.create(key, bytes("x"))));
      expect(await keysOf(store, "many/")).toEqual(keys);
      expect(await keysOf(store, "many/", "many/01000")).toEqual(keys.slice(1001));
    });

    it("removes, also what is not there", async () => {
      await store.create("d/x", bytes("x"));
      await store.remove("d/x");
      await store.remove("d/x");
      expect(await store.read("d/x")).toBeUndefined();
      expect(await store.create("d/x", bytes("again"))).toBe(true);
    });

    it("keeps every byte and odd characters of keys", async () => {
      const all = Uint8Array.from({ length: 256 }, (_, i) => i);
      for (const key of ["odd/p=a%2Fb/x", "odd/p= +&<>'\"/x", "odd/ü/x"]) {
        await store.create(key, all);
        expect(Buffer.from((await store.read(key)) ?? []).equals(Buffer.from(all))).toBe(true);
        expect(await keysOf(store, key)).toEqual([key]);
      }
    });

    it("lets the engine write and read objects, also with percent signs and in lists", async () => {
      const { engine } = under;
      const write = store.tableFunction(["e/p={_partition_id}/f.parquet"], "Parquet", "n UInt64, p String");
      await engine.command(
        `INSERT INTO FUNCTION ${write} PARTITION BY encodeURLComponent(p)
         SELECT number, ['x', 'a/b', 'ü *{}'][number % 3 + 1] FROM numbers(9)`,
      );
      const keys = (await keysOf(store, "e/")).sort();
      expect(keys).toEqual(["e/p=%C3%BC%20%2A%7B%7D/f.parquet", "e/p=a%2Fb/f.parquet", "e/p=x/f.parquet"]);
      await store.persist(keys);
      const read = store.tableFunction(keys, "Parquet", "n UInt64, p String");
      const rows = await engine.rows(`SELECT sum(n) AS total, uniqExact(_path) AS files FROM ${read}`);
      expect(rows).toEqual([{ total: "36", files: "3" }]);
      const found = await engine.rows<{ path: string }>(
        `SELECT _path AS path FROM ${store.tableFunction(["e/*/f.parquet"], "ParquetMetadata")}`,
      );
      expect(found.map(({ path }) => store.keyOf(path)).sort()).toEqual(keys);
    });

    it.runIf(kind === "S3")("shows the keys to nobody who asks the engine", async () => {
      const { engine } = under;
      const shown = JSON.stringify(await engine.rows("SELECT * FROM system.named_collections"));
      expect(shown).toContain("shoplake_lake");
      expect(shown).not.toMatch(/testkey|testsecret/);
      const broken = await engine
        .rows(`SELECT FROM FROM ${store.tableFunction(["a/x.parquet"], "Parquet")}`)
        .catch((error: unknown) => error);
      expect(String(broken)).not.toMatch(/testkey|testsecret/);
      const elsewhere = "s3(shoplake_lake, url = 'http://127.0.0.1:1/x', filename = 'a')";
      await expect(engine.rows(`SELECT * FROM ${elsewhere}`)).rejects.toThrow(/not allowed/);
    });

    it("tells its place without credentials", () => {
      expect(store.location).not.toContain("testsecret");
      expect(store.location).not.toContain("testkey");
      const sql = store.tableFunction(["a/x.parquet"], "Parquet");
      expect(sql).not.toContain("testsecret");
      expect(sql).not.toContain("testkey");
    });
  });
