/** Spark reads the silver tables and computes ten KPIs with its own SQL: the same numbers. */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { hasService, servicePath } from "../lake/services.ts";
import { testPostgres } from "../postgres.ts";
import { expectSuccess, openCommerce, plainRow, todayOf } from "./shop.ts";

const readers = hasService("readers");
const script = fileURLToPath(new URL("./spark_kpis.py", import.meta.url));
const run = promisify(execFile);

describe.skipIf(!readers)("Spark", () => {
  it("gives the same KPIs", async () => {
    const postgres = await testPostgres();
    if (postgres === undefined) return;
    const shop = await openCommerce(postgres, { scale: 0.02, seed: 3, until: "2026-06-30", faults: 5 });
    try {
      expectSuccess(await shop.run());
      const out = join(shop.dir, "spark.json");
      const lake = join(shop.dir, ".shoplake/lake");
      await run(servicePath("python"), [script, lake, todayOf(shop.plan), out, servicePath("jars")]);
      const theirs: Record<string, Record<string, unknown>[]> = JSON.parse(await readFile(out, "utf8"));
      expect(Object.keys(theirs)).toHaveLength(10);
      for (const [name, rows] of Object.entries(theirs))
        expect([name, (await shop.kpi(name)).map(plainRow)]).toEqual([name, rows.map(plainRow)]);
    } finally {
      await shop.stop();
      await postgres.stop();
    }
  }, 600_000);
});
