/** JSON lines and JSON arrays: values keep their spelling, so no number passes through a float. */
import { isUtf8 } from "node:buffer";
import { join } from "node:path";
import { ident, text } from "../../../engine/sql.ts";
import { ShoplakeError } from "../../../util/errors.ts";
import type { RejectedInput } from "../../source.ts";
import { hasMark, spoolTo, unpacked } from "../unpack/bytes.ts";
import {
  type CheckedAll,
  type CheckedFile,
  eachFile,
  type PlainFile,
  UnusableFile,
} from "../unpack/plain-file.ts";
import type { ReadContext } from "../unpack/unpack.ts";
import { jsonFault, jsonKeys } from "./json-record.ts";
import { checkNames } from "./names.ts";
import { keepReject, rejectOf } from "./rejects.ts";

const rowKey = "__c_row";

/** Nothing is guessed and no value is changed: numbers, bools, objects and arrays come as they are spelled. */
export const jsonSettings = {
  input_format_json_read_numbers_as_strings: 1,
  input_format_json_read_bools_as_strings: 1,
  input_format_json_read_bools_as_numbers: 0,
  input_format_json_read_objects_as_strings: 1,
  input_format_json_read_arrays_as_strings: 1,
  input_format_json_throw_on_bad_escape_sequence: 1,
  input_format_json_empty_as_default: 0,
  input_format_import_nested_json: 0,
  input_format_skip_unknown_fields: 1,
  input_format_null_as_default: 1,
  input_format_allow_errors_num: 0,
  input_format_allow_errors_ratio: 0,
  input_format_parallel_parsing: 0,
  optimize_count_from_files: 0,
};

/** Keys of the records, those of the first one first. `limit`: look at so many records only. */
export async function jsonNames(
  plain: PlainFile,
  to: ReadContext,
  limit?: number,
): Promise<readonly string[]> {
  const seen = await lookOrNothing(plain, to, limit);
  return seen?.keys.map((key) => key.trim()) ?? [];
}

/** Files with their counts; a file without records is left out. */
export async function checkJson(plainFiles: readonly PlainFile[], to: ReadContext): Promise<CheckedAll> {
  const refused: CheckedAll["refused"][number][] = [];
  const checked = await eachFile(
    plainFiles.map((plain) => ({ plain })),
    refused,
    async ({ plain }) => {
      const seen = await lookOrNothing(plain, to);
      if (seen === undefined || seen.bad > 0 || seen.keys.includes("_row_number")) return repaired(plain, to);
      return seen.rows === 0 ? undefined : checkedFile(plain, seen.keys, seen.rows);
    },
  );
  return { checked, refused };
}

/** undefined: the engine cannot read it. */
async function lookOrNothing(plain: PlainFile, to: ReadContext, limit?: number): Promise<Seen | undefined> {
  try {
    return await look(plain, to, limit);
  } catch (error) {
    to.context.signal.throwIfAborted();
    if (!(error instanceof ShoplakeError) || error.retryable) throw error;
    return undefined;
  }
}

interface Seen {
  readonly rows: number;
  readonly bad: number;
  readonly keys: readonly string[];
}

async function look(plain: PlainFile, { context }: ReadContext, limit?: number): Promise<Seen | undefined> {
  const file = [plain.path, "JSONAsString", "j String", plain.codec].map(text).join(", ");
  const [row] = await context.engine.rows<{ rows: string; bad: string; keys: string[]; first: string[] }>(
    `SELECT count() AS rows, countIf(NOT isValidUTF8(j) OR NOT isValidJSON(j) OR length(k) != length(arrayDistinct(k))) AS bad,
       groupUniqArrayArray(k) AS keys, argMin(k, r) AS first
     FROM (SELECT j, JSONExtractKeys(j) AS k, _row_number AS r FROM file(${file})${limit === undefined ? "" : ` LIMIT ${limit}`})`,
    { settings: jsonSettings, signal: context.signal },
  );
  if (row === undefined) return undefined;
  const keys = [...new Set([...row.first, ...row.keys.toSorted()])];
  return { rows: Number(row.rows), bad: Number(row.bad), keys };
}

function checkedFile(
  plain: PlainFile,
  keys: readonly string[],
  rows: number,
  rejected?: RejectedInput[],
): CheckedFile {
  const names = keys.map((key) => key.trim());
  const numbered = rejected !== undefined;
  checkNames(plain.file, names, numbered ? [rowKey] : []);
  const columns = [...(numbered ? [rowKey] : []), ...keys];
  const structure = columns.map((key) => `${ident(key)} Nullable(String)`).join(", ");
  const file = [
    plain.path,
    "JSONEachRow",
    structure === "" ? "__c_none Nullable(String)" : structure,
    plain.codec,
  ];
  return {
    plain,
    columns: names.map((name) => ({ name, type: "Nullable(String)" })),
    expressions: new Map(keys.map((key, i) => [names[i] ?? key, ident(key)])),
    row: numbered ? `toInt64(${rowKey})` : "toInt64(_row_number + 1)",
    from: `file(${file.map(text).join(", ")})`,
    rows,
    rejected: rejected ?? [],
  };
}

/** Spools the sound records with their numbers; the others become rejects. */
async function repaired(plain: PlainFile, to: ReadContext): Promise<CheckedFile> {
  const path = join(to.folder, `sound-${crypto.randomUUID()}`);
  const found = { rejected: [] as RejectedInput[], keys: new Set<string>(), sound: 0 };
  await spoolTo(path, soundRecords(plain, to, found), to.context.signal);
  return checkedFile({ ...plain, path, codec: "none" }, [...found.keys], found.sound, found.rejected);
}

async function* soundRecords(
  plain: PlainFile,
  to: ReadContext,
  found: { rejected: RejectedInput[]; keys: Set<string>; sound: number },
): AsyncGenerator<Uint8Array> {
  let number = 0;
  const records = to.config.format === "json" ? elements(plain, to) : lines(plain, to);
  for await (const { where, bytes } of records) {
    number++;
    const record = bytes.toString("utf8").trim();
    const fault = isUtf8(bytes) ? jsonFault(record) : "It holds bytes that are not UTF-8.";
    if (fault !== undefined) {
      const rule = isUtf8(bytes) ? "malformed_json" : "bad_encoding";
      keepReject(found.rejected, rejectOf(`${plain.file}:${where}`, rule, fault, bytes));
      continue;
    }
    for (const key of jsonKeys(record)) found.keys.add(key);
    found.sound++;
    const rest = record.slice(1).trimStart();
    yield Buffer.from(`{"${rowKey}":${number}${rest.startsWith("}") ? "" : ","}${rest}\n`);
  }
}

interface JsonRecord {
  /** Line of a JSON lines file, number of an element of an array. */
  readonly where: number;
  readonly bytes: Buffer;
}

/** Lines that are not blank. */
async function* lines(plain: PlainFile, { context }: ReadContext): AsyncGenerator<JsonRecord> {
  let line = 0;
  for await (const bytes of byteLines(unpacked(plain, context))) {
    line++;
    const content = line === 1 && hasMark(bytes) ? bytes.subarray(3) : bytes;
    if (!/^[ \t\r]*$/.test(content.subarray(0, 64).toString("latin1")) || content.length > 64)
      yield { where: line, bytes: content };
  }
}

/** Elements of a top-level array. An array that is itself broken cannot be split. */
async function* elements(plain: PlainFile, { context }: ReadContext): AsyncGenerator<JsonRecord> {
  const file = [plain.path, "JSONAsString", "j String", plain.codec].map(text).join(", ");
  const settings = { ...jsonSettings, max_threads: 1 };
  let element = 0;
  try {
    const encoded = await context.engine.download(`SELECT base64Encode(j) FROM file(${file})`, "TSVRaw", {
      settings,
      signal: context.signal,
    });
    for await (const line of byteLines(encoded))
      yield { where: ++element, bytes: Buffer.from(line.toString("latin1"), "base64") };
  } catch (error) {
    context.signal.throwIfAborted();
    if (!(error instanceof ShoplakeError) || error.retryable) throw error;
    throw new UnusableFile("unreadable_file", `The file is no JSON array: ${error.message}.`);
  }
}

const longest = 64 << 20;

/** Lines without their line feed. Memory: one line of at most 64 MB. */
async function* byteLines(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let pending: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    let rest = Buffer.from(chunk);
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      yield Buffer.concat([...pending, rest.subarray(0, end)]);
      pending = [];
      size = 0;
      rest = rest.subarray(end + 1);
    }
    pending.push(rest);
    size += rest.length;
    if (size > longest) throw new UnusableFile("unreadable_file", "A line is longer than 64 MB.");
  }
  if (size > 0) yield Buffer.concat(pending);
}
