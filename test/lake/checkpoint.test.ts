/** Checkpoints: each is made of the one before and the commits since, and says the same as the whole log. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type Actions,
  type AddFile,
  commitKey,
  padVersion,
  parseCommit,
} from "../../src/lake/delta/actions.ts";
import { nameEntries } from "../../src/lake/delta/commit-name.ts";
import { type Lake, openLake } from "../../src/lake/lake.ts";
import { type StoreUnderTest, storeKinds } from "./stores.ts";
import { idsOf, lakeOf, write } from "./tables.ts";

const columns = [
  { name: "id", type: "UInt64" },
  { name: "p", type: "LowCardinality(Nullable(String))" },
];
const rows = (from: number, count: number, p = "a") =>
  `SELECT number + ${from} AS id, '${p}' AS p FROM numbers(${count})`;
const range = (count: number) => Array.from({ length: count }, (_, i) => i);
const hour = 3_600_000;

interface Content {
  readonly adds: Readonly<Record<string, Partial<AddFile>>>;
  readonly removes: Readonly<Record<string, number>>;
  readonly positions: Readonly<Record<string, number>>;
}

for (const { kind, available, open } of storeKinds)
  describe.skipIf(!available)(`checkpoints on ${kind}`, () => {
    let under: StoreUnderTest;
    let lake: Lake;
    let shift = 0;
    const clock = () => new Date(Date.now() + shift);
    beforeAll(async () => {
      under = await open();
      lake = lakeOf(under, clock);
    });
    afterAll(() => under?.stop());
    const logKey = (name: string, file: string) => `${name.replace(".", "/")}/_delta_log/${file}`;
    const checkpointOf = (name: string, version: number) =>
      logKey(name, `${padVersion(version)}.checkpoint.parquet`);

    it("say what all commits say: statistics, tags, partitions, removals, positions", async () => {
      const name = "silver.checked";
      const table = lake.table(name);
      const put = (id: number, p: string, more = {}) =>
        write(table, { select: rows(id, 2, p), columns, partitionBy: "p", ...more });
      await put(0, "a", { tags: { input: 'it\'s "one"' }, positions: { kafka: 1 } });
      await put(10, "b/ü %", { positions: { kafka: 2, other: 7 } });
      await table.checkpoint();
      expect(await contentOf(name, 1)).toEqual(await replayed(name, 1));
      await put(20, "a", { remove: { partitions: ["a"] }, tags: { input: "2" } });
      await put(30, "", {});
      await table.checkpoint();
      expect(await contentOf(name, 3)).toEqual(await replayed(name, 3));
      const other = lakeOf(under, clock).table(name);
      await other.restore(1, "r");
      await other.checkpoint();
      expect(await contentOf(name, 4)).toEqual(await replayed(name, 4));
      await put(40, "c", { remove: "all", positions: { kafka: 3 } });
      await table.compact({ taskId: "c", minFiles: 2 });
      await table.checkpoint();
      const last = (await table.snapshot())?.version ?? -1;
      const content = await contentOf(name, last);
      expect(content).toEqual(await replayed(name, last));
      expect(Object.keys(content.adds)).toHaveLength(1);
      expect(Object.keys(content.removes).length).toBeGreaterThan(3);
      expect(await idsOf(under.engine, lakeOf(under).table(name))).toEqual([40, 41]);
    });

    it("forget removals after the retention", async () => {
      const name = "silver.forgetful";
      const table = lake.table(name);
      for (const id of range(3)) await write(table, { select: rows(id, 1), columns, remove: "all" });
      await table.checkpoint();
      expect(Object.keys((await contentOf(name, 2)).removes)).toHaveLength(2);
      shift = 100 * hour;
      await write(table, { select: rows(3, 1), columns, remove: "all" });
      shift = 200 * hour;
      await write(table, { select: rows(4, 1), columns });
      await table.checkpoint();
      shift = 0;
      const { adds, removes } = await contentOf(name, 4);
      expect([Object.keys(adds).length, Object.keys(removes).length]).toEqual([2, 1]);
    });

    it("fail without harm when the one before is gone; the next commit makes a new one", async () => {
      const name = "silver.harmless";
      const warnings: string[] = [];
      const own = openLake({ ...under, clock, checkpointEvery: 5, warn: (text) => warnings.push(text) });
      const table = own.table(name);
      for (const id of range(8)) await write(table, { select: rows(id, 1), columns });
      await under.store.remove(checkpointOf(name, 5));
      for (const id of range(3)) await write(table, { select: rows(8 + id, 1), columns });
      expect(warnings).toHaveLength(1);
      expect(warnings[0]).toContain(`no checkpoint of ${name} at version 10`);
      await write(table, { select: rows(11, 1), columns });
      expect(await contentOf(name, 11)).toEqual(await replayed(name, 11));
      expect(await idsOf(under.engine, lakeOf(under).table(name))).toEqual(range(12));
      expect(warnings).toHaveLength(1);
    });

    it("are found although the last one named is old and the commits behind it are cleaned away", async () => {
      const name = "silver.stale";
      const own = openLake({ ...under, clock, checkpointEvery: 5 });
      for (const id of range(14)) await write(own.table(name), { select: rows(id, 1), columns });
      const pointer = Buffer.from(JSON.stringify({ version: 5, size: 8 }));
      await under.store.replace(logKey(name, "_last_checkpoint"), pointer);
      const ids = () => idsOf(under.engine, lakeOf(under).table(name));
      expect(await ids()).toEqual(range(14));
      for (const version of range(9)) await under.store.remove(logKey(name, `${padVersion(version)}.json`));
      expect(await ids()).toEqual(range(14));
      await under.store.remove(checkpointOf(name, 5));
      expect(await ids()).toEqual(range(14));
    });

    it("do not hide a commit that is missing behind them", async () => {
      const name = "silver.hole";
      const own = openLake({ ...under, clock, checkpointEvery: 5 });
      for (const id of range(10)) await write(own.table(name), { select: rows(id, 1), columns });
      for (const version of [6, 7, 8]) {
        const key = commitKey("silver/hole", version);
        const bytes = (await under.store.read(key)) ?? new Uint8Array();
        await under.store.remove(key);
        const opening = lakeOf(under).table(name).snapshot();
        await expect(opening).rejects.toThrow(new RegExp(`commit ${version} .*missing`));
        await under.store.replace(key, bytes);
      }
      expect((await lakeOf(under).table(name).snapshot())?.files).toHaveLength(10);
    });

    /** A checkpoint as the engine reads it, by path. */
    async function contentOf(name: string, version: number): Promise<Content> {
      const structure =
        "add Tuple(path Nullable(String), partitionValues Map(String, Nullable(String)), size Nullable(Int64), modificationTime Nullable(Int64), dataChange Nullable(Bool), stats Nullable(String), tags Map(String, Nullable(String))), remove Tuple(path Nullable(String), deletionTimestamp Nullable(Int64)), txn Tuple(appId Nullable(String), version Nullable(Int64))";
      const found = await under.engine.rows<{ line: string }>(
        `SELECT toJSONString(map('add', toJSONString(add), 'remove', toJSONString(remove), 'txn', toJSONString(txn))) AS line
         FROM ${under.store.tableFunction([checkpointOf(name, version)], "Parquet", structure)}`,
        { settings: { output_format_json_quote_64bit_integers: 0, use_hive_partitioning: 0 } },
      );
      const content = { adds: {}, removes: {}, positions: {} } as {
        -readonly [K in keyof Content]: Record<string, never>;
      };
      for (const { line } of found) {
        const parts = JSON.parse(line) as Record<"add" | "remove" | "txn", string>;
        const [add, remove, txn] = [parts.add, parts.remove, parts.txn].map((text) => JSON.parse(text));
        if (add.path !== null) content.adds[add.path] = add as never;
        if (remove.path !== null) content.removes[remove.path] = remove.deletionTimestamp as never;
        if (txn.appId !== null) content.positions[txn.appId] = txn.version as never;
      }
      return content;
    }

    /** The same from the commits alone. */
    async function replayed(name: string, version: number): Promise<Content> {
      const [adds, removes] = [new Map<string, AddFile>(), new Map<string, number>()];
      const positions = new Map<string, number>();
      for (const at of range(version + 1)) {
        const actions = await actionsAt(name, at);
        for (const { path, deletionTimestamp = 0 } of actions.removes) {
          adds.delete(path);
          removes.set(path, deletionTimestamp);
        }
        for (const add of actions.adds) {
          adds.set(add.path, { ...add, tags: add.tags ?? {}, dataChange: false });
          removes.delete(add.path);
        }
        for (const { appId, version: position } of [
          ...nameEntries(actions.name, at),
          ...actions.transactions,
        ])
          positions.set(appId, position);
      }
      return {
        adds: Object.fromEntries(adds),
        removes: Object.fromEntries(removes),
        positions: Object.fromEntries(positions),
      };
    }

    async function actionsAt(name: string, version: number): Promise<Actions> {
      const key = commitKey(name.replace(".", "/"), version);
      return parseCommit((await under.store.read(key)) ?? new Uint8Array(), key);
    }
  });
