import { expect, test } from "vitest";
import { clickHouseCode } from "../../src/engine/engine-error.ts";
import { embeddedForTests } from "./harness.ts";

test("a statement that needs somewhat more than the engine may have is refused", async () => {
  const t = await embeddedForTests({ memoryBytes: 700_000_000 });
  try {
    const sql = "SELECT length(groupArray(repeat('z', 1000))) AS n FROM numbers({n:UInt32})";
    expect(await t.engine.rows(sql, { params: { n: 100_000 } })).toEqual([{ n: "100000" }]);
    const refused = await t.engine.rows(sql, { params: { n: 1_200_000 } }).catch((error: unknown) => error);
    expect(clickHouseCode(refused)).toBe(241);
  } finally {
    await t.stop();
  }
});
