import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openEngine } from "../../src/engine/open.ts";
import { text } from "../../src/engine/sql.ts";
import { TEST_ENGINE } from "../engine/harness.ts";
import { sinkConformance } from "./conformance.ts";

/** No line but the header: then the engine cannot tell the columns. */
const isEmpty = (text: string): boolean =>
  text.trimEnd().split("\n").length === (text.startsWith("{") ? 0 : 1);

for (const format of ["csv", "jsonl", "parquet"] as const)
  sinkConformance("files", async (dir) => {
    writeFileSync(join(dir, "no-folder"), "");
    const clickhouse = { csv: "CSVWithNames", jsonl: "JSONEachRow", parquet: "Parquet" }[format];
    return {
      options: { directory: `out-${format}`, format },
      down: { directory: "no-folder/out", format },
      async rows(dataset) {
        const path = join(dir, `out-${format}`, `${dataset}.${format}`);
        if (!existsSync(path) || (format !== "parquet" && isEmpty(readFileSync(path, "utf8")))) return [];
        const engine = await openEngine({ stateDir: dir, config: TEST_ENGINE });
        try {
          const rows = await engine.rows<Record<string, unknown>>(
            `SELECT * FROM file(${text(path)}, ${text(clickhouse)})`,
          );
          return rows.map((row) =>
            Object.fromEntries(
              Object.entries(row).map(([name, value]) => [name, value === null ? null : String(value)]),
            ),
          );
        } finally {
          await engine.close();
        }
      },
    };
  });
