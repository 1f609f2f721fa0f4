/** Rows that were said to be written but are not in the files: nothing of them is kept. */
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Engine } from "../../src/engine/engine.ts";
import { type StoreUnderTest, storeKinds } from "./stores.ts";
import { lakeOf } from "./tables.ts";

const [local] = storeKinds;
let under: StoreUnderTest;
beforeAll(async () => {
  if (local === undefined) throw new Error("unreachable");
  under = await local.open();
});
afterAll(() => under.stop());

it("fewer rows in the files than the engine says it wrote are an error, and no file stays", async () => {
  const engine: Engine = {
    ...under.engine,
    async command(sql, options) {
      const summary = await under.engine.command(sql, options);
      return { ...summary, writtenRows: summary.writtenRows + 1 };
    },
  };
  const table = lakeOf({ ...under, engine }).table("silver.torn");
  const staging = table.stage({
    select: "SELECT number AS id FROM numbers(10)",
    columns: [{ name: "id", type: "UInt64" }],
    taskId: "t",
  });
  await expect(staging).rejects.toMatchObject({
    code: "io",
    message: "the data files were not written whole: not all of 11 rows arrived",
  });
  const keys: string[] = [];
  for await (const { key } of under.store.list("silver/")) keys.push(key);
  expect(keys).toEqual([]);
});
