/**
 * What names a version: the same text for everybody and for ever, another one for other rows under the same number (design
 * invariant 11).
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commitKey } from "../../src/lake/delta/actions.ts";
import { checkpointKey } from "../../src/lake/delta/checkpoint.ts";
import { openLake } from "../../src/lake/lake.ts";
import { type StoreUnderTest, storeKinds } from "./stores.ts";
import { idsOf, lakeOf, write } from "./tables.ts";

const columns = [{ name: "id", type: "Int64" }];
const row = (id: number) => ({ select: `SELECT toInt64(${id}) AS id`, columns });

describe.each(storeKinds.filter(({ available }) => available))("version ids on $kind", (kind) => {
  let under: StoreUnderTest;
  beforeAll(async () => {
    under = await kind.open();
  });
  afterAll(() => under.stop());

  const idOf = async (name: string, version?: number) =>
    (await lakeOf(under).table(name).snapshot(version))?.id;
  const read = async (key: string) =>
    Buffer.from((await under.store.read(key)) ?? new Uint8Array()).toString();
  /** Another program's commit: an action of its own, nothing of ours. */
  const foreignCommit = (name: string, version: number, note: string) =>
    under.store.replace(
      commitKey(name.replace(".", "/"), version),
      Buffer.from(`${JSON.stringify({ commitInfo: { operation: "WRITE", note } })}\n`),
    );

  it("are the same after a checkpoint, after the log was cleaned, and for older versions", async () => {
    const name = "silver.stable";
    const lake = openLake({ ...under, clock: () => new Date(), checkpointEvery: 1000 });
    const ids: string[] = [];
    for (let id = 0; id < 4; id++) ids.push((await write(lake.table(name), row(id))).id);
    expect(new Set(ids).size).toBe(4);
    await lake.table(name).checkpoint();
    expect(await idOf(name)).toBe(ids[3]);
    for (let version = 0; version <= 3; version++) expect(await idOf(name, version)).toBe(ids[version]);
    expect((await lake.table(name).history()).map(({ id }) => id)).toEqual(ids.toReversed());
    for (let version = 0; version <= 3; version++)
      await under.store.remove(commitKey("silver/stable", version));
    expect(await idOf(name)).toBe(ids[3]);
  });

  it("are no positions, and go back to none that was there before", async () => {
    const name = "silver.positions";
    const table = lakeOf(under).table(name);
    const first = await write(table, { ...row(1), positions: { a: 7 } });
    await write(table, { ...row(2), positions: { a: 8 } });
    const restored = await table.restore(0, "r");
    expect(Object.fromEntries(restored.positions)).toEqual({ a: 7 });
    expect(restored.id).not.toBe(first.id);
    await table.checkpoint();
    expect(await idOf(name)).toBe(restored.id);
  });

  it("tell commits of other programs apart, also behind a checkpoint of ours", async () => {
    const name = "silver.foreign";
    const own = await write(lakeOf(under).table(name), row(1));
    await foreignCommit(name, 1, "one");
    const one = await idOf(name);
    await lakeOf(under).table(name).checkpoint();
    expect(await idOf(name)).toBe(one);
    await under.store.remove(commitKey("silver/foreign", 1));
    expect(await idOf(name)).toBe(one);
    await under.store.remove(checkpointKey("silver/foreign", 1));
    await under.store.remove("silver/foreign/_delta_log/_last_checkpoint");
    await foreignCommit(name, 1, "two");
    expect(await idOf(name)).not.toBe(one);
    expect(await idOf(name, 0)).toBe(own.id);
  });

  it("are read from the commit's file when a checkpoint of another program does not know them", async () => {
    const name = "silver.spark";
    await write(lakeOf(under).table(name), row(1));
    await lakeOf(under).table(name).checkpoint();
    await foreignCommit(name, 1, "spark");
    const id = await idOf(name);
    const ours = await under.store.read(checkpointKey("silver/spark", 0));
    await under.store.replace(checkpointKey("silver/spark", 1), ours ?? new Uint8Array());
    await under.store.remove(checkpointKey("silver/spark", 0));
    await under.store.remove("silver/spark/_delta_log/_last_checkpoint");
    expect(await idOf(name)).toBe(id);
    await under.store.remove(commitKey("silver/spark", 1));
    expect(await idOf(name)).toMatch(/\/unnamed@1$/);
  });

  it("tell a table made anew apart, and the changes since an older version of another branch are not known", async () => {
    const name = "silver.aba";
    const table = lakeOf(under).table(name);
    const base = await write(table, row(1));
    const lost = await write(table, row(2));
    await under.store.remove(commitKey("silver/aba", 1));
    const again = lakeOf(under).table(name);
    const other = await write(again, row(3));
    expect([other.version, other.id === lost.id]).toEqual([lost.version, false]);
    const newest = await write(again, row(4));
    expect((await again.changes(1, 2, (id) => id === other.id))?.added).toHaveLength(1);
    expect(await again.changes(1, 2, (id) => id === lost.id)).toBeUndefined();
    expect(await again.changes(2, 2, (id) => id === lost.id)).toBeUndefined();
    expect(await again.changes(2, 2, (id) => id === newest.id)).toMatchObject({ added: [] });
    expect((await again.changes(0, 2, (id) => id === base.id))?.added).toHaveLength(2);
    for await (const key of under.store.keys("silver/aba/")) await under.store.remove(key);
    const anew = await write(lakeOf(under).table(name), row(1));
    expect([anew.version, anew.id === base.id]).toEqual([base.version, false]);
  });

  it("are looked at again after recheck: a commit that is gone, or another one, is noticed", async () => {
    const name = "silver.watched";
    const lake = lakeOf(under);
    const table = lake.table(name);
    await write(table, row(1));
    const lost = await write(table, row(2));
    await under.store.remove(commitKey("silver/watched", 1));
    lake.recheck();
    expect(await idsOf(under.engine, table)).toEqual([1]);
    const other = await write(lakeOf(under).table(name), row(3));
    await write(table, row(4)).catch(() => undefined);
    lake.recheck();
    expect((await table.snapshot(1))?.id).toBe(other.id);
    expect(other.id).not.toBe(lost.id);
    for await (const key of under.store.keys("silver/watched/")) await under.store.remove(key);
    lake.recheck();
    expect(await table.snapshot()).toBeUndefined();
  });

  it("do not lean on what was written with them: the entry of a commit is its own", async () => {
    const name = "silver.entries";
    await write(lakeOf(under).table(name), { ...row(1), positions: { p: 1 } });
    const lines = (await read(commitKey("silver/entries", 0))).trim().split("\n");
    const entries = lines.map((line) => JSON.parse(line).txn).filter((txn) => txn !== undefined);
    expect(entries.map(({ appId }) => appId)).toEqual(["shoplake:commit", "shoplake:commit_version", "p"]);
    expect(entries[0].version).toBeLessThan(2 ** 53);
    expect(entries[1].version).toBe(0);
    expect(await idOf(name)).toContain(`${entries[0].version.toString(16)}@0`);
  });
});
