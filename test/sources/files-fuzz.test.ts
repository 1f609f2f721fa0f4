/**
 * Small files, damaged by chance, beside good ones: no damage stops the table, the counts add up, and what is good is taken.
 * SHOPLAKE_FULL=1 damages 30,000 files; SHOPLAKE_SEED chooses other damages.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Random, random } from "../../src/generator/random.ts";
import type { FilesTableConfig } from "../../src/sources/files/options.ts";
import { embeddedForTests, type TestEngine } from "../engine/harness.ts";
import { testContext } from "./bronze.ts";
import { newInbox, zipOf } from "./files-harness.ts";

const full = process.env["SHOPLAKE_FULL"] === "1";
const seed = Number(process.env["SHOPLAKE_SEED"] ?? 1);
const perTable = 60;

let t: TestEngine;
let parquet: Buffer;
beforeAll(async () => {
  t = await embeddedForTests();
  const path = join(t.dir, "sample.parquet");
  await t.engine.command(
    `INSERT INTO FUNCTION file('${path}', 'Parquet')
     SELECT toString(number) AS id, number * 1.5 AS f, toDate('2024-02-01') + number AS d, [number] AS l FROM numbers(20)`,
  );
  parquet = readFileSync(path);
});
afterAll(() => t.stop());

const ids = Array.from({ length: 20 }, (_, i) => String(i));
const csv = `id,a,b\n${ids.map((id) => `${id},text ${id},"q, ""${id}"""\n`).join("")}`;
const plainCsv = `id,a,b\n${ids.map((id) => `${id},text ${id},${id}.50\n`).join("")}`;
const jsonl = ids
  .map((id) => `{"id":"${id}","n":${id}.50,"o":{"x":[${id},null]},"t":"a\\n\\u00e9"}\n`)
  .join("");
const json = `[${jsonl.trim().replaceAll("\n", ",\n")}]`;

/** A way to write 20 records, and how they are read. */
interface Kind {
  readonly name: string;
  readonly format: FilesTableConfig["format"];
  readonly types?: Readonly<Record<string, string>>;
  bytes(): Buffer;
}

const kinds: readonly Kind[] = [
  { name: "csv", format: "csv", bytes: () => Buffer.from(csv) },
  { name: "typed csv", format: "csv", types: { id: "Int32" }, bytes: () => Buffer.from(csv) },
  { name: "csv.gz", format: "csv", bytes: () => gzipSync(csv) },
  { name: "zip", format: "csv", bytes: () => zipOf({ "a.csv": csv, "b.csv": plainCsv }) },
  { name: "jsonl", format: "jsonl", bytes: () => Buffer.from(jsonl) },
  { name: "jsonl.gz", format: "jsonl", bytes: () => gzipSync(jsonl) },
  { name: "json", format: "json", bytes: () => Buffer.from(json) },
  { name: "parquet", format: "parquet", bytes: () => parquet },
];

/** One to four damages: bytes changed, cut out, doubled, put in, or the end cut off. */
function damage(given: Buffer, chance: Random): Buffer {
  let bytes: Buffer = Buffer.from(given);
  for (let n = chance.int(1, 4); n > 0; n--) {
    const at = chance.int(0, Math.max(0, bytes.length - 1));
    const end = Math.min(bytes.length, at + chance.int(1, 12));
    const noise = Buffer.from(Array.from({ length: chance.int(1, 6) }, () => chance.int(0, 255)));
    const how = chance.int(0, 4);
    if (how === 0 && bytes.length > 0) bytes.writeUInt8(chance.int(0, 255), at);
    else if (how === 1) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(end)]);
    else if (how === 2) bytes = Buffer.concat([bytes.subarray(0, end), bytes.subarray(at)]);
    else if (how === 3) bytes = Buffer.concat([bytes.subarray(0, at), noise, bytes.subarray(at)]);
    else if (chance.int(0, 3) === 0) bytes = bytes.subarray(0, at);
  }
  return bytes;
}

type Row = Readonly<Record<string, unknown>>;

/** Rows by file, after the counts were compared; what is not right is thrown. */
async function readAll(kind: Kind, files: ReadonlyMap<string, Buffer>) {
  const inbox = newInbox(t, { format: kind.format, types: kind.types ?? {} });
  for (const [path, bytes] of files) inbox.put(path, bytes);
  const rows = new Map<string, string[]>();
  const rejected = new Map<string, string[]>();
  const positions = new Set<string>();
  const context = await testContext(t.engine, inbox.dir, inbox.bronze.warnings);
  for await (const extract of inbox.source.read(await inbox.table(), await inbox.bronze.state(), context)) {
    const read = await t.engine.rows<Row>(`SELECT * FROM ${extract.from}`, {
      settings: { ...extract.settings, output_format_json_quote_denormals: 1 },
    });
    expect(read.length).toBe(extract.rows);
    for (const row of read) keep(rows, stored(String(row["_file"])), String(row["id"]));
    for (const { sourceRef, reason, rule } of extract.rejected) {
      expect(reason).not.toMatch(/\p{Surrogate}|Please report/u);
      keep(rejected, stored(sourceRef.replace(/:\d+$/, "")), rule);
    }
    for (const position of Object.keys(extract.positions)) positions.add(position);
    await extract.dispose();
  }
  for (const path of files.keys())
    expect(positions.has(`file:${path}`) || positions.has(`refused:${path}`), path).toBe(true);
  return { rows, rejected };
}

function keep(map: Map<string, string[]>, key: string, value: string): void {
  map.set(key, [...(map.get(key) ?? []), value]);
}

function stored(file: string): string {
  return file.replace(/!.*$/s, "");
}

describe.each(kinds)("damaged files: $name", (kind) => {
  const tables = full ? Math.ceil(30_000 / kinds.length / perTable) : 1;
  it("stop no table, and good files beside them are whole", { timeout: 7_200_000 }, async () => {
    for (let table = 0; table < tables; table++) {
      const chance = random(seed, table * kinds.length + kinds.indexOf(kind));
      const files = new Map<string, Buffer>();
      const good = kind.bytes();
      const [whole, place] = [
        kind.name === "zip" ? [...ids, ...ids] : ids,
        `inbox/${chance.int(100, 199)}-good`,
      ];
      files.set(place, good);
      for (let i = 100; i < 100 + perTable; i++) files.set(`inbox/${i}`, damage(good, chance));
      const { rows } = await readAll(kind, unique(files));
      expect(rows.get(place)?.toSorted(), `seed ${seed}, table ${table}`).toEqual(whole.toSorted());
    }
  });
});

/** Without the files whose content another one has: the same content twice is taken once. */
function unique(files: ReadonlyMap<string, Buffer>): Map<string, Buffer> {
  const contents = new Set<string>();
  const isNew = (bytes: Buffer) => contents.size < contents.add(bytes.toString("latin1")).size;
  return new Map([...files].filter(([, bytes]) => isNew(bytes)));
}

describe.each([
  ["csv", plainCsv, 1],
  ["jsonl", jsonl, 0],
] as const)("a damaged line of %s", (format, text, header) => {
  it("stops no other line", { timeout: 7_200_000 }, async () => {
    const chance = random(seed + 1, header);
    const files = new Map<string, Buffer>();
    const broken = new Map<string, string>();
    for (let i = 0; i < (full ? 3_000 : 60); i++) {
      const lines: Buffer[] = text
        .trimEnd()
        .split("\n")
        .map((line) => Buffer.from(line));
      const at = chance.int(header, lines.length - 1);
      lines[at] = damage(lines[at] ?? Buffer.alloc(0), chance);
      const path = `inbox/${i}`;
      broken.set(path, String(at - header));
      files.set(path, Buffer.concat(lines.flatMap((line) => [line, Buffer.from("\n")])));
    }
    const { rows } = await readAll({ name: format, format, bytes: () => Buffer.from(text) }, unique(files));
    for (const [path, taken] of rows) {
      const other = ids.filter((id) => id !== broken.get(path));
      expect(
        other.filter((id) => !taken.includes(id)),
        `seed ${seed}, ${path}`,
      ).toEqual([]);
    }
    expect(rows.size).toBe(unique(files).size);
  });
});
