/** Who may commit on top of whom. The rules do not depend on the store. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Removal, TableChange } from "../../src/lake/delta/change.ts";
import type { Snapshot } from "../../src/lake/delta/snapshot.ts";
import type { LakeTable } from "../../src/lake/delta/table.ts";
import { ShoplakeError } from "../../src/util/errors.ts";
import { type StoreUnderTest, storeKinds } from "./stores.ts";
import { idsOf, lakeOf, write } from "./tables.ts";

const columns = [
  { name: "id", type: "UInt32" },
  { name: "p", type: "String" },
];
const row = (id: number, p: string) => `SELECT toUInt32(${id}) AS id, '${p}' AS p`;
const [local] = storeKinds;

describe("conflicts", () => {
  let under: StoreUnderTest;
  let counter = 0;
  beforeAll(async () => {
    if (local === undefined) throw new Error("unreachable");
    under = await local.open();
  });
  afterAll(() => under.stop());

  /** Two writers that do not share a cache, on a table with rows 1 (p=a), 2 (p=b) and position k=1. */
  async function twoWriters(): Promise<{ mine: LakeTable; theirs: LakeTable; base: Snapshot }> {
    const name = `silver.c${counter++}`;
    const mine = lakeOf(under).table(name);
    const select = `${row(1, "a")} UNION ALL ${row(2, "b")}`;
    const base = await write(mine, { select, columns, partitionBy: "p", positions: { k: 1 } });
    return { mine, theirs: lakeOf(under).table(name), base };
  }

  interface Case {
    readonly title: string;
    readonly mine: {
      readonly add?: string;
      readonly remove?: Removal;
      readonly positions?: Record<string, number>;
    };
    readonly theirs: (table: LakeTable) => Promise<unknown>;
    /** ids afterwards, or the message of the conflict */
    readonly outcome: readonly number[] | RegExp;
  }
  const append = (id: number, p: string, positions?: Record<string, number>) => (table: LakeTable) =>
    write(table, { select: row(id, p), columns, partitionBy: "p", ...(positions ? { positions } : {}) });
  const replace = (id: number, p: string) => (table: LakeTable) =>
    write(table, { select: row(id, p), columns, partitionBy: "p", remove: { partitions: [p] } });

  const cases: readonly Case[] = [
    { title: "append, append", mine: { add: row(9, "a") }, theirs: append(3, "a"), outcome: [1, 2, 3, 9] },
    { title: "append, replace", mine: { add: row(9, "a") }, theirs: replace(3, "a"), outcome: [2, 3, 9] },
    {
      title: "replace a, append to b",
      mine: { add: row(9, "a"), remove: { partitions: ["a"] } },
      theirs: append(3, "b"),
      outcome: [2, 3, 9],
    },
    {
      title: "replace a, replace b",
      mine: { add: row(9, "a"), remove: { partitions: ["a"] } },
      theirs: replace(3, "b"),
      outcome: [3, 9],
    },
    {
      title: "replace a, append to a",
      mine: { add: row(9, "a"), remove: { partitions: ["a"] } },
      theirs: append(3, "a"),
      outcome: /added rows to what this change replaces/,
    },
    {
      title: "replace a, replace a",
      mine: { add: row(9, "a"), remove: { partitions: ["a"] } },
      theirs: replace(3, "a"),
      outcome: /added rows to what this change replaces/,
    },
    {
      title: "overwrite, append",
      mine: { add: row(9, "a"), remove: "all" },
      theirs: append(3, "b"),
      outcome: /added rows/,
    },
    {
      title: "replace a, delete a",
      mine: { add: row(9, "a"), remove: { partitions: ["a"] } },
      theirs: async (table) =>
        table.commit({
          base: await table.snapshot(),
          add: undefined,
          remove: { partitions: ["a"] },
          info: {},
          taskId: "t",
        }),
      outcome: /removed rows from what this change replaces/,
    },
    {
      title: "same position",
      mine: { add: row(9, "a"), positions: { k: 2 } },
      theirs: append(3, "a", { k: 2 }),
      outcome: /moved the position k/,
    },
    {
      title: "other position",
      mine: { add: row(9, "a"), positions: { k: 2 } },
      theirs: append(3, "a", { other: 2 }),
      outcome: [1, 2, 3, 9],
    },
    {
      title: "append, wider schema",
      mine: { add: row(9, "a") },
      theirs: (table) =>
        write(table, {
          select: "SELECT toUInt32(3) AS id, 'b' AS p, 'x' AS extra",
          columns: [...columns, { name: "extra", type: "String" }],
          partitionBy: "p",
        }),
      outcome: [1, 2, 3, 9],
    },
  ];

  it.each(cases)("$title", async ({ mine: change, theirs, outcome }) => {
    const { mine, theirs: table, base } = await twoWriters();
    const add =
      change.add === undefined
        ? undefined
        : await mine.stage({ select: change.add, columns, partitionBy: "p", taskId: "m" });
    await theirs(table);
    const commit: TableChange = {
      base,
      add,
      remove: change.remove ?? "none",
      info: {},
      taskId: "m",
      ...(change.positions ? { positions: change.positions } : {}),
    };
    if (outcome instanceof RegExp) {
      const error = await mine.commit(commit).catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(ShoplakeError);
      expect(error).toMatchObject({ code: "conflict", retryable: true });
      expect(String(error)).toMatch(outcome);
    } else {
      await mine.commit(commit);
      expect(await idsOf(under.engine, mine)).toEqual([...outcome]);
    }
  });

  it("a compaction by another does not break a replacement, and no row is doubled", async () => {
    const { mine, theirs } = await twoWriters();
    for (let i = 3; i < 8; i++) await append(i, "a")(theirs);
    const base = await mine.snapshot();
    const add = await mine.stage({ select: row(9, "a"), columns, partitionBy: "p", taskId: "m" });
    expect(await theirs.compact({ taskId: "c" })).toEqual({ filesBefore: 7, filesAfter: 2 });
    await mine.commit({ base, add, remove: { partitions: ["a"] }, info: {}, taskId: "m" });
    expect(await idsOf(under.engine, mine)).toEqual([2, 9]);
  });

  it("files removed by another are a conflict for who removes them too", async () => {
    const { mine, theirs, base } = await twoWriters();
    const files = base.files.filter((file) => file.partition["p"] === "a");
    await theirs.commit({ base, add: undefined, remove: { files }, info: {}, taskId: "t" });
    const again = mine.commit({ base, add: undefined, remove: { files }, info: {}, taskId: "m" });
    await expect(again).rejects.toThrow(/removed the file/);
    expect(await idsOf(under.engine, mine)).toEqual([2]);
  });

  it("two creations become one table when both only append, and a conflict when one claims it was empty", async () => {
    const name = `silver.c${counter++}`;
    const [a, b, c] = [lakeOf(under).table(name), lakeOf(under).table(name), lakeOf(under).table(name)];
    await write(a, { select: row(1, "a"), columns, base: undefined, positions: { k: 1 } });
    await write(b, { select: row(2, "a"), columns, base: undefined });
    expect(await idsOf(under.engine, a)).toEqual([1, 2]);
    await expect(write(c, { select: row(3, "a"), columns, base: undefined, remove: "all" })).rejects.toThrow(
      /created the table/,
    );
    await expect(
      write(c, { select: row(3, "a"), columns, base: undefined, positions: { k: 2 } }),
    ).rejects.toThrow(/set the position k/);
  });

  it("restoring fails when another commits in between", async () => {
    const { mine, theirs } = await twoWriters();
    await append(3, "a")(theirs);
    let raced = false;
    const { store } = under;
    const create = async (key: string, bytes: Uint8Array) => {
      if (!raced) {
        raced = true;
        await append(4, "a")(theirs);
      }
      return store.create(key, bytes);
    };
    const late = lakeOf({ store: { ...store, create }, engine: under.engine }).table(mine.dataset);
    await expect(late.restore(0, "r")).rejects.toMatchObject({ code: "conflict", retryable: true });
    expect(await idsOf(under.engine, mine)).toEqual([1, 2, 3, 4]);
    await late.restore(0, "r");
    expect(await idsOf(under.engine, mine)).toEqual([1, 2]);
  });
});
