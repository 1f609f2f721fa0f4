/** Options, folders and bytes for tests of the files source. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { crc32, deflateRawSync } from "node:zlib";
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

/** A zip archive, deflated, as any zip tool writes it. */
export function zipOf(members: Readonly<Record<string, string>>): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of Object.entries(members)) {
    const packed = deflateRawSync(content);
    const shared = Buffer.alloc(26);
    shared.writeUInt16LE(20, 0);
    shared.writeUInt16LE(0x800, 2);
    shared.writeUInt16LE(8, 4);
    shared.writeUInt32LE(crc32(content), 10);
    shared.writeUInt32LE(packed.length, 14);
    shared.writeUInt32LE(Buffer.byteLength(content), 18);
    shared.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.concat([Buffer.from("PK\x03\x04"), shared, Buffer.from(name), packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from("PK\x01\x02\x14\x00"), shared, tail, Buffer.from(name)]));
    locals.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(directory.length, 4);
  end.writeUInt16LE(directory.length, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...locals, central, Buffer.from("PK\x05\x06"), end]);
}
