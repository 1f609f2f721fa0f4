/** Random tables, written in random ways, arrive as they are. */

import { gzipSync } from "node:zlib";
import fc from "fast-check";
import iconv from "iconv-lite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CsvRecord, csvFields, csvRecords } from "../../src/sources/files/check/csv-records.ts";
import { fileEntry, type HashedFile, planFiles, position } from "../../src/sources/files/choose/plan.ts";
import type { FilesTableConfig } from "../../src/sources/files/options.ts";
import { embeddedForTests, type TestEngine } from "../engine/harness.ts";
import { newInbox } from "./files-harness.ts";

let engine: TestEngine;
beforeAll(async () => {
  engine = await embeddedForTests();
});
afterAll(() => engine.stop());

const plain = fc.constantFrom(
  "a",
  "é",
  "€",
  "字",
  "😀",
  " ",
  "  ",
  "\t",
  "\n",
  "\r\n",
  "\r",
  ",",
  ";",
  "|",
  '"',
  '""',
  "'",
  "\\",
  "\\N",
  "\\n",
  "NULL",
  "0",
  "007",
  "1.50",
  "-",
  "[",
  "{",
  "}",
  "\0",
);
const value = fc.array(plain, { maxLength: 5 }).map((plainFiles) => plainFiles.join(""));

interface Table {
  readonly width: number;
  readonly rows: readonly (readonly string[])[];
  readonly quoteAll: readonly boolean[];
}

const table: fc.Arbitrary<Table> = fc.integer({ min: 1, max: 4 }).chain((width) =>
  fc.record({
    width: fc.constant(width),
    rows: fc.array(fc.array(value, { minLength: width, maxLength: width }), { maxLength: 12 }),
    quoteAll: fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }),
  }),
);

const style = fc.record({
  delimiter: fc.constantFrom(",", ";", "\t", "|", " "),
  quote: fc.constantFrom('"', "'"),
  lineEnd: fc.constantFrom("\n", "\r\n", "\r"),
  lastLineEnd: fc.boolean(),
  encoding: fc.constantFrom("utf-8", "utf-16le", "utf-16be") as fc.Arbitrary<FilesTableConfig["encoding"]>,
  mark: fc.boolean(),
  packed: fc.boolean(),
  header: fc.boolean(),
  broken: fc.boolean(),
});
type Style = typeof style extends fc.Arbitrary<infer S> ? S : never;

function write({ width, rows, quoteAll }: Table, style: Style): Buffer {
  const { delimiter, quote, lineEnd } = style;
  const names = Array.from({ length: width }, (_, i) => `col ${i}`);
  const quoted = (text: string) => `${quote}${text.replaceAll(quote, quote + quote)}${quote}`;
  const needs = (text: string) =>
    text.includes(delimiter) || /[\r\n]/.test(text) || text.startsWith(quote) || (width === 1 && text === "");
  const lines = rows.map((row, i) =>
    row.map((text) => (quoteAll[i] || needs(text) ? quoted(text) : text)).join(delimiter),
  );
  if (style.broken) lines.push(`${quoted("x")}y`);
  if (style.header) lines.unshift(names.map(quoted).join(delimiter));
  const text = lines.join(lineEnd) + (style.lastLineEnd && lines.length > 0 ? lineEnd : "");
  const bytes = iconv.encode(text, style.encoding, { addBOM: style.mark && text !== "" });
  return style.packed ? gzipSync(bytes) : bytes;
}

describe("delimited files", () => {
  it("arrive as they are, whatever the style; one broken record takes no other with it", async () => {
    await fc.assert(
      fc.asyncProperty(table, style, async (content, how) => {
        const names = Array.from({ length: content.width }, (_, i) => `col ${i}`);
        const inbox = newInbox(engine, {
          delimiter: how.delimiter,
          quote: how.quote,
          encoding: how.encoding,
          header: how.header,
          columns: names,
        });
        inbox.put("inbox/a", write(content, how));
        const taken = await inbox.take();
        const rows = taken.extracts === 0 ? [] : await inbox.bronze.rows<Record<string, string>>();
        const values = rows
          .toSorted((a, b) => Number(a["_row"]) - Number(b["_row"]))
          .map((row) => [row["_row"], ...names.map((name) => row[name.replace(" ", "_")])]);
        expect(values).toEqual(content.rows.map((row, i) => [String(i + 1), ...row]));
        expect(taken.rejected).toBe(how.broken ? 1 : 0);
      }),
      { numRuns: 30, endOnFailure: false },
    );
  }, 300_000);

  it("are split the same way in chunks of any size", async () => {
    const dialect = { delimiter: 44, quote: 34 };
    const collect = async (chunks: Buffer[]) => {
      const records: CsvRecord[] = [];
      for await (const some of csvRecords(streamOf(chunks), dialect)) records.push(...some);
      return records.map(({ bytes, ...rest }) => ({ ...rest, text: bytes.toString("latin1") }));
    };
    await fc.assert(
      fc.asyncProperty(
        fc.array(plain, { maxLength: 40 }),
        fc.integer({ min: 1, max: 7 }),
        async (plainFiles, size) => {
          const bytes = Buffer.from(plainFiles.join(""));
          const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
            bytes.subarray(i * size, (i + 1) * size),
          );
          const whole = await collect([bytes]);
          expect(await collect(chunks)).toEqual(whole);
          for (const { text, fields, problem } of whole)
            if (problem === undefined && fields > 0)
              expect(csvFields(Buffer.from(text, "latin1"), dialect)).toHaveLength(fields);
        },
      ),
      { numRuns: 500 },
    );
  });
});

async function* streamOf(chunks: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* chunks;
}

describe("the plan", () => {
  const content = fc.constantFrom("a", "b", "c", "d").map((letter) => letter.repeat(16).replace(/d/g, "e"));
  const step = fc.record({ path: fc.constantFrom("1", "2", "3", "4"), hash: content });

  /** A folder and a bronze table that do what the plan says; each step is a file written. */
  function run(steps: readonly { path: string; hash: string }[], runAfter: readonly boolean[]) {
    const folder = new Map<string, HashedFile>();
    const positions = new Map<string, number>();
    const bronze = new Map<string, string>();
    const apply = () => {
      const plan = planFiles([...folder.values()], positions);
      for (const path of plan.retire) bronze.delete(path);
      for (const { file } of plan.take) bronze.set(file.path, file.hash);
      for (const [entry, content] of Object.entries(plan.positions)) positions.set(entry, content);
      for (const { file } of plan.take) positions.set(fileEntry(file.path), position(file.hash));
      return plan;
    };
    for (const [i, { path, hash }] of steps.entries()) {
      folder.set(path, { path, hash, size: 1 });
      if (runAfter[i]) apply();
    }
    apply();
    return { folder, bronze, again: apply() };
  }

  it("holds every content of the folder once, whatever the order of arrival, and then has nothing to do", () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 12 }),
        fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }),
        (steps, runAfter) => {
          const { folder, bronze, again } = run(steps, runAfter);
          const there = [...new Set([...folder.values()].map(({ hash }) => hash))].sort();
          expect([...bronze.values()].sort()).toEqual(there);
          for (const [path, hash] of bronze) expect(folder.get(path)?.hash).toBe(hash);
          expect([again.take, again.retire, again.copies]).toEqual([[], [], []]);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
