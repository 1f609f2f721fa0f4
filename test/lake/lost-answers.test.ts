/** The answer of a commit is lost: it is found out what happened, and nothing is doubled or lost. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ShoplakeError } from "../../src/util/errors.ts";
import { type Fault, startProxy } from "./proxy.ts";
import { type StoreUnderTest, storeKinds } from "./stores.ts";
import { idsOf, lakeOf } from "./tables.ts";

const columns = [{ name: "id", type: "UInt32" }];
const s3 = storeKinds.find(({ kind }) => kind === "S3");
const isCommit = (method: string, path: string) => method === "PUT" && /_delta_log\/\d{20}\.json/.test(path);

describe.skipIf(s3?.available !== true)("lost answers", () => {
  let under: StoreUnderTest;
  beforeAll(async () => {
    if (s3 === undefined) throw new Error("unreachable");
    under = await s3.open();
  });
  afterAll(() => under?.stop());

  const through = async (fault: (method: string, path: string) => Fault) => {
    const proxy = await startProxy(under.endpoint ?? "", fault);
    const store = under.at?.(proxy.endpoint);
    if (store === undefined) throw new Error("unreachable");
    return { proxy, lake: lakeOf({ store, engine: under.engine }) };
  };

  it.each(["lose", "drop", "500 done", "500 undone", "late"] as const)("%s", async (fault) => {
    let commits = 0;
    const { proxy, lake } = await through((method, path) =>
      isCommit(method, path) && commits++ % 2 === 0 ? fault : "pass",
    );
    try {
      const table = lake.table(`bronze.${fault.replace(" ", "_")}`);
      for (let i = 0; i < 8; i++) {
        const base = await table.snapshot();
        const add = await table.stage({ select: `SELECT toUInt32(${i}) AS id`, columns, taskId: "t" });
        const after = await table.commit({
          base,
          add,
          remove: "none",
          positions: { p: i },
          info: {},
          taskId: "t",
        });
        expect(after.version).toBe(i);
      }
      expect(commits).toBeGreaterThanOrEqual(8);
      expect(await idsOf(under.engine, lakeOf(under).table(table.dataset))).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    } finally {
      await proxy.stop();
    }
  });

  it("two writers behind a bad network lose nothing and double nothing", async () => {
    let requests = 0;
    const faults: readonly Fault[] = ["lose", "pass", "drop", "pass", "pass", "500 done", "late", "pass"];
    const { proxy, lake } = await through((method, path) =>
      isCommit(method, path) ? (faults[requests++ % faults.length] ?? "pass") : "pass",
    );
    try {
      const writer = async (from: number) => {
        const table = lakeOf({ store: lake.store, engine: under.engine }).table("bronze.race");
        for (let i = from; i < from + 10; i++) {
          const base = await table.snapshot();
          const add = await table.stage({ select: `SELECT toUInt32(${i}) AS id`, columns, taskId: "t" });
          await table.commit({ base, add, remove: "none", info: {}, taskId: "t" });
        }
      };
      await Promise.all([writer(0), writer(10)]);
      const table = lakeOf(under).table("bronze.race");
      expect(await idsOf(under.engine, table)).toEqual(Array.from({ length: 20 }, (_, i) => i));
      expect((await table.snapshot())?.version).toBe(19);
    } finally {
      await proxy.stop();
    }
  });

  it("a store that never answers is an error with unknown outcome, and staged files are kept", async () => {
    let down = false;
    const { proxy, lake } = await through(() => (down ? "drop" : "pass"));
    try {
      const table = lake.table("bronze.down");
      const add = await table.stage({ select: "SELECT toUInt32(1) AS id", columns, taskId: "t" });
      down = true;
      const commit = table.commit({ base: undefined, add, remove: "none", info: {}, taskId: "t" });
      const error = await commit.catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(ShoplakeError);
      expect(error).toMatchObject({ code: "io", retryable: true });
      expect(String(error)).toMatch(/not known whether version 0 was committed/);
      down = false;
      await table.discard(add);
      const keys: string[] = [];
      for await (const { key } of under.store.list("bronze/down/part-")) keys.push(key);
      expect(keys).toHaveLength(1);
      await table.commit({ base: undefined, add, remove: "none", info: {}, taskId: "t" });
      expect(await idsOf(under.engine, lakeOf(under).table("bronze.down"))).toEqual([1]);
    } finally {
      await proxy.stop();
    }
  }, 120_000);
});
