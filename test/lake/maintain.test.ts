/** History, changes, restore, compaction, vacuum and orphans, over both stores. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Engine } from "../../src/engine/engine.ts";
import type { Snapshot } from "../../src/lake/delta/snapshot.ts";
import type { DataFile } from "../../src/lake/delta/state.ts";
import type { Lake } from "../../src/lake/lake.ts";
import { type StoreUnderTest, storeKinds } from "./stores.ts";
import { idsOf, lakeOf, rowsOf, write } from "./tables.ts";

const columns = [
  { name: "id", type: "UInt64" },
  { name: "day", type: "Date" },
];
const rows = (from: number, count: number, day = "2026-01-01") =>
  `SELECT number + ${from} AS id, toDate('${day}') AS day FROM numbers(${count})`;
const hour = 3_600_000;

for (const { kind, available, open } of storeKinds)
  describe.skipIf(!available)(`maintenance on ${kind}`, () => {
    let under: StoreUnderTest;
    let lake: Lake;
    let shift = 0;
    const clock = () => new Date(Date.now() + shift);
    beforeAll(async () => {
      under = await open();
      lake = lakeOf(under, clock);
    });
    afterAll(() => under?.stop());
    const idsIn = async (name: string, files: readonly DataFile[]) => {
      const table = lake.table(name);
      const snapshot = await table.snapshot();
      if (snapshot === undefined) throw new Error("unreachable");
      const found = await under.engine.rows<{ id: string }>(
        `SELECT id FROM ${table.read(snapshot, { files })}`,
      );
      return found.map((row) => Number(row.id)).sort((a, b) => a - b);
    };
    const dataKeys = async (folder: string) => {
      const keys: string[] = [];
      for await (const { key } of under.store.list(`${folder}/`))
        if (!key.includes("_delta_log")) keys.push(key);
      return keys;
    };

    it("tells the history, newest first, with what the writer noted", async () => {
      const table = lake.table("silver.history");
      await write(table, { select: rows(0, 2), columns, taskId: "first" });
      const base = await table.snapshot();
      const add = await table.stage({ select: rows(2, 3), columns, taskId: "second" });
      await table.commit({ base, add, remove: "all", info: { reason: "fixed" }, taskId: "second" });
      const history = await table.history();
      expect(history).toMatchObject([
        { version: 1, operation: "WRITE", taskId: "second", addedRows: 3, addedFiles: 1, removedFiles: 1 },
        { version: 0, operation: "WRITE", taskId: "first", addedRows: 2, metadataChanged: true },
      ]);
      expect(history[0]?.info).toEqual({ reason: "fixed" });
      expect(Math.abs((history[0]?.time?.getTime() ?? 0) - Date.now())).toBeLessThan(60_000);
      expect(await table.history(1)).toHaveLength(1);
      expect(await lake.table("silver.none").history()).toEqual([]);
    });

    it("tells which rows came and went between versions, through compaction and back again", async () => {
      const table = lake.table("silver.changes");
      for (let i = 0; i < 5; i++) await write(table, { select: rows(i, 1), columns });
      await table.compact({ taskId: "c" });
      await write(table, { select: rows(10, 1), columns });
      const appended = await table.changes(2, 6);
      expect(appended?.appendOnly).toBe(true);
      expect(await idsIn("silver.changes", appended?.added ?? [])).toEqual([3, 4, 10]);
      expect(appended?.removed).toEqual([]);
      await write(table, { select: rows(20, 1), columns, remove: "all" });
      const replaced = await table.changes(6, 7);
      expect(replaced?.appendOnly).toBe(false);
      expect(await idsIn("silver.changes", replaced?.added ?? [])).toEqual([20]);
      expect(await idsIn("silver.changes", replaced?.removed ?? [])).toEqual([0, 1, 2, 3, 4, 10]);
      expect(await table.changes(7, 7)).toEqual({ added: [], removed: [], appendOnly: true });
      expect(await table.changes(7, 3)).toBeUndefined();
      await under.store.remove("silver/changes/_delta_log/00000000000000000003.json");
      expect(await table.changes(2, 6)).toBeUndefined();
    });

    it("restores rows, columns and positions of an older version", async () => {
      const table = lake.table("silver.restored");
      await write(table, { select: rows(0, 2), columns, positions: { kafka: 10 } });
      await write(table, { select: rows(2, 2), columns, positions: { kafka: 20, other: 5 } });
      await write(table, {
        select: "SELECT 'x' AS name",
        columns: [{ name: "name", type: "String" }],
        remove: "all",
      });
      const restored = await table.restore(0, "r");
      expect(restored.version).toBe(3);
      expect(restored.columns).toEqual(columns);
      expect([...restored.positions]).toEqual([["kafka", 10]]);
      expect(await idsOf(under.engine, table)).toEqual([0, 1]);
      const fresh = await lakeOf(under).table("silver.restored").snapshot();
      expect([...(fresh?.positions ?? [])]).toEqual([["kafka", 10]]);
      expect(await rowsOf(under.engine, table, await table.snapshot(2))).toEqual(['{"name":"x"}']);
      await expect(table.restore(9, "r")).rejects.toThrow(/version 9 is not there/);
    });

    it("joins small files of one partition and keeps rows, tags and changes", async () => {
      const table = lake.table("silver.compacted");
      const partitionBy = "day";
      for (let i = 0; i < 6; i++)
        await write(table, {
          select: `${rows(i, 1)} UNION ALL ${rows(100 + i, 1, "2026-01-02")}`,
          columns,
          partitionBy,
          tags: { source: i < 5 ? "one" : "two" },
        });
      const result = await table.compact({ taskId: "c" });
      expect(result).toEqual({ filesBefore: 12, filesAfter: 4 });
      const snapshot = await table.snapshot();
      expect(
        snapshot?.files.map((file) => [file.partition["day"], file.tags["source"], file.rows]).sort(),
      ).toEqual([
        ["2026-01-01", "one", 5],
        ["2026-01-01", "two", 1],
        ["2026-01-02", "one", 5],
        ["2026-01-02", "two", 1],
      ]);
      expect(await idsOf(under.engine, table)).toEqual([0, 1, 2, 3, 4, 5, 100, 101, 102, 103, 104, 105]);
      expect(await table.changes(5, 6)).toEqual({ added: [], removed: [], appendOnly: true });
      expect(await table.compact({ taskId: "c" })).toEqual({ filesBefore: 4, filesAfter: 4 });
      expect((await table.snapshot())?.version).toBe(6);
    });

    it("vacuums what no version within the retention needs", async () => {
      const table = lake.table("silver.vacuumed");
      for (let i = 0; i < 3; i++) await write(table, { select: rows(i, 1), columns, remove: "all" });
      const orphan = await table.stage({ select: rows(9, 1), columns, taskId: "dead" });
      expect(orphan.files).toHaveLength(1);
      expect((await table.vacuum()).files).toEqual([]);
      const dry = await table.vacuum({ retentionHours: 0, dryRun: true });
      expect(dry.files).toHaveLength(2);
      expect(await dataKeys("silver/vacuumed")).toHaveLength(4);
      shift = 25 * hour;
      const gone = await table.vacuum({ retentionHours: 1 });
      shift = 0;
      expect(gone.files).toHaveLength(3);
      expect(gone.bytes).toBeGreaterThan(0);
      expect(await idsOf(under.engine, table)).toEqual([2]);
      await expect(idsOf(under.engine, table, await table.snapshot(1))).rejects.toThrow();
      const refused = {
        code: "lake",
        message:
          "version 1 of silver.vacuumed can be neither read nor restored any more: 1 of its data files are gone",
        details: {
          allowed: "version 2, the newest",
          hint: expect.stringContaining("shoplake show silver.vacuumed --version 2"),
        },
      };
      await expect(table.restore(1, "r")).rejects.toMatchObject(refused);
      await expect(table.requireFiles((await table.snapshot(1)) as Snapshot)).rejects.toMatchObject(refused);
      await table.requireFiles((await table.snapshot()) as Snapshot);
      expect(await table.changes(0, 2)).toBeUndefined();
      await expect(table.vacuum({ retentionHours: 1000 })).rejects.toThrow(/1000 hours/);
      await expect(table.vacuum({ retentionHours: -1 })).rejects.toThrow(/-1 hours/);
    });

    it("cleans the log behind an old checkpoint and keeps the table whole", async () => {
      const table = lake.table("silver.cleaned");
      for (let i = 0; i < 45; i++) await write(table, { select: rows(i, 1), columns, positions: { p: i } });
      shift = 40 * 24 * hour;
      const { log } = await table.vacuum({});
      shift = 0;
      expect(log.length).toBeGreaterThan(40);
      const fresh = lakeOf(under).table("silver.cleaned");
      expect(await idsOf(under.engine, fresh)).toEqual(Array.from({ length: 45 }, (_, i) => i));
      expect([...((await fresh.snapshot())?.positions ?? [])]).toEqual([["p", 44]]);
      const refused = {
        message:
          "version 3 of silver.cleaned can be neither read nor restored any more: its part of the log is gone",
        details: { allowed: "versions 40 to 44" },
      };
      await expect(fresh.snapshot(3)).rejects.toMatchObject(refused);
      await expect(fresh.restore(3, "r")).rejects.toMatchObject(refused);
      await fresh.requireFiles((await fresh.snapshot(40)) as Snapshot);
      expect((await fresh.snapshot(42))?.files).toHaveLength(43);
      expect(await fresh.changes(3, 44)).toBeUndefined();
      expect((await fresh.changes(40, 44))?.added).toHaveLength(4);
      expect(await fresh.history()).toHaveLength(5);
      await write(fresh, { select: rows(45, 1), columns });
      expect((await fresh.snapshot())?.version).toBe(45);
    });

    it("cleans what a dead task staged, by name, and nothing else", async () => {
      const table = lake.table("silver.orphans");
      await write(table, { select: rows(0, 1), columns, taskId: "a" });
      await write(table, { select: rows(1, 1), columns, taskId: "a", remove: "all" });
      for (const taskId of ["a", "a-b", "b"]) await table.stage({ select: rows(5, 1), columns, taskId });
      expect(await table.cleanOrphans({ taskId: "a", olderThan: new Date(Date.now() - hour) })).toEqual([]);
      const gone = await table.cleanOrphans({ taskId: "a" });
      expect(gone).toHaveLength(1);
      expect(await dataKeys("silver/orphans")).toHaveLength(4);
      expect(await table.cleanOrphans({ olderThan: new Date(Date.now() + hour) })).toHaveLength(2);
      expect(await idsOf(under.engine, table)).toEqual([1]);
      expect(await idsOf(under.engine, table, await table.snapshot(0))).toEqual([0]);
      await lake.table("silver.never").stage({ select: rows(5, 1), columns, taskId: "x" });
      expect(await lake.table("silver.never").cleanOrphans({ taskId: "x" })).toHaveLength(1);
    });

    it("keeps what a task that lives has staged, and names the task it asks about", async () => {
      const table = lake.table("silver.kept");
      await write(table, { select: rows(0, 1), columns, taskId: "a" });
      for (const taskId of ["lives", "dead", "lives-2"])
        await table.stage({ select: rows(5, 1), columns, taskId });
      const asked: string[] = [];
      const keeps = async (taskId: string) => {
        asked.push(taskId);
        return taskId.startsWith("lives");
      };
      expect(await table.cleanOrphans({ keeps })).toHaveLength(1);
      expect(asked.sort()).toEqual(["dead", "lives", "lives-2"]);
      expect(await dataKeys("silver/kept")).toHaveLength(3);
    });

    it("never commits a file that is gone: neither a change nor a compaction", async () => {
      const table = lake.table("silver.gone");
      for (let i = 0; i < 5; i++) await write(table, { select: rows(i, 1), columns });
      const base = await table.snapshot();
      const add = await table.stage({ select: rows(9, 1), columns, taskId: "t" });
      expect(await table.cleanOrphans({ taskId: "t" })).toHaveLength(1);
      const gone = {
        code: "conflict",
        retryable: true,
        message: "1 of 1 staged data files were deleted before they could be committed",
      };
      await expect(table.commit({ base, add, remove: "none", info: {}, taskId: "t" })).rejects.toMatchObject(
        gone,
      );
      const fence = async () => {
        expect(await table.cleanOrphans({ taskId: "c" })).toHaveLength(1);
      };
      await expect(table.compact({ taskId: "c", fence })).rejects.toMatchObject(gone);
      expect((await table.snapshot())?.version).toBe(base?.version);
      expect(await idsOf(under.engine, table)).toEqual([0, 1, 2, 3, 4]);
    });

    it("asks for the fence before it commits and before it deletes", async () => {
      const table = lake.table("silver.fenced");
      for (let i = 0; i < 5; i++) await write(table, { select: rows(i, 1), columns });
      const before = await dataKeys("silver/fenced");
      const fence = async () => {
        throw new Error("the lease is lost");
      };
      await expect(table.compact({ taskId: "c", fence })).rejects.toThrow("the lease is lost");
      expect((await table.snapshot())?.version).toBe(4);
      expect(await dataKeys("silver/fenced")).toEqual(before);
      await table.compact({ taskId: "c" });
      const all = await dataKeys("silver/fenced");
      await expect(table.vacuum({ retentionHours: 0, fence })).rejects.toThrow("the lease is lost");
      expect(await dataKeys("silver/fenced")).toEqual(all);
      expect((await table.vacuum({ retentionHours: 0, fence: async () => undefined })).files).toHaveLength(5);
    });

    it("says that staged files were deleted, not that the disk is full", async () => {
      const engine: Engine = {
        ...under.engine,
        async command(sql, options) {
          const summary = await under.engine.command(sql, options);
          for (const key of await dataKeys("silver/deleted")) await under.store.remove(key);
          return summary;
        },
      };
      const staging = (partitionBy: string | undefined) =>
        lakeOf({ ...under, engine })
          .table("silver.deleted")
          .stage({ select: rows(0, 3), columns, taskId: "t", partitionBy });
      for (const partitionBy of [undefined, "day"])
        await expect(staging(partitionBy)).rejects.toMatchObject({
          code: "io",
          retryable: true,
          message: "the data files of 3 rows are gone: they were deleted while they were staged",
        });
    });
  });
