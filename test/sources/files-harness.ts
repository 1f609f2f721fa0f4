/** Options, folders and bytes for tests of the files source. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { FilesTableConfig } from "../../src/sources/files/options.ts";
import { filesSource } from "../../src/sources/files/source.ts";
import type { Source, SourceTable } from "../../src/sources/source.ts";
import type { TestEngine } from "../engine/harness.ts";
import { type TestBronze, testBronze, testContext } from "./bronze.ts";

export const csvConfig: FilesTableConfig = {
  path: "inbox/*",
  format: "csv",
  table: "rows",
  key: [],
  cursor: undefined,
  types: {},
  columns: undefined,
  header: true,
  delimiter: ",",
  quote: '"',
  encoding: "utf-8",
  compression: "auto",
  schemaPolicy: "evolve",
  maxRejectedPercent: 100,
};

let folders = 0;

export interface Inbox {
  /** The project folder. */
  readonly dir: string;
  readonly source: Source;
  readonly bronze: TestBronze;
  put(path: string, bytes: string | Uint8Array): void;
  table(): Promise<SourceTable>;
  take(): ReturnType<TestBronze["take"]>;
  /** One number for all rows with their row numbers, whatever the order and the names of the files. */
  checksum(): Promise<string>;
}

/** A project folder of its own with an empty `inbox/`, a source and an empty bronze table. */
export function newInbox({ engine, dir: parent }: TestEngine, config: Partial<FilesTableConfig> = {}): Inbox {
  const dir = join(parent, `project-${folders++}`);
  mkdirSync(join(dir, "inbox"), { recursive: true });
  const source = filesSource("feed", { ...csvConfig, ...config });
  const bronze = testBronze(engine, dir);
  const table = async () => {
    const [only] = await source.tables(await testContext(engine, dir, bronze.warnings));
    if (only === undefined) throw new Error("the source has no table");
    return only;
  };
  return {
    dir,
    source,
    bronze,
    table,
    put(path, bytes) {
      mkdirSync(dirname(join(dir, path)), { recursive: true });
      writeFileSync(join(dir, path), bytes);
    },
    take: async () => bronze.take(source, await table()),
    async checksum() {
      const { from } = await bronze.state();
      const [row] = await engine.rows<{ sum: string }>(
        `SELECT sum(sipHash64(toString(tuple(* EXCEPT (_file, _ingested_at))))) AS sum FROM ${from}`,
      );
      return row?.sum ?? "";
    },
  };
}
