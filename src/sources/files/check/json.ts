/** JSON lines and JSON arrays: values keep their spelling, so no number passes through a float. */
import { isUtf8 } from "node:buffer";
import { join } from "node:path";
import { ident, text } from "../../../engine/sql.ts";
import { messageOf } from "../../../util/errors.ts";
import type { RejectedInput } from "../../source.ts";
import { hasMark, spoolTo, unpacked } from "../unpack/bytes.ts";
import {
  type CheckedAll,
  type CheckedFile,
  eachFile,
  isUnreadable,
  type PlainFile,
  UnusableFile,
} from "../unpack/plain-file.ts";
import type { ReadContext } from "../unpack/unpack.ts";
import { jsonElements } from "./json-elements.ts";
import { jsonFault, jsonKeys, keyFault, rowKey } from "./json-record.ts";
import { type JsonRecord, jsonLines, longest } from "./json-text.ts";
import { checkNames, nameFault } from "./names.ts";
import { keepReject, rejectOf } from "./rejects.ts";

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
  const names = trimmed(seen?.keys ?? []);
  return nameFault(plain.file, names) === undefined ? names : [];
}

/** Files with their counts; a file without records is left out. */
export async function checkJson(plainFiles: readonly PlainFile[], to: ReadContext): Promise<CheckedAll> {
  const refused: CheckedAll["refused"][number][] = [];
  const checked = await eachFile(
    plainFiles.map((plain) => ({ plain })),
    refused,
    async ({ plain }) => {
      const seen = await lookOrNothing(plain, to);
      const odd = seen?.keys.includes("_row_number") || nameFault(plain.file, trimmed(seen?.keys ?? []));
      if (seen === undefined || seen.bad > 0 || odd) return repaired(plain, to);
      return seen.rows === 0 ? undefined : checkedFile(plain, seen.keys, seen.rows);
    },
  );
  return { checked, refused };
}

function trimmed(keys: readonly string[]): string[] {
  return keys.map((key) => key.trim());
}

/** undefined: the engine cannot read it. */
async function lookOrNothing(plain: PlainFile, to: ReadContext, limit?: number): Promise<Seen | undefined> {
  try {
    return await look(plain, to, limit);
  } catch (error) {
    to.context.signal.throwIfAborted();
    if (!isUnreadable(error)) throw error;
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
    `SELECT count() AS rows, countIf(length(j) > ${longest} OR NOT isValidUTF8(j) OR NOT isValidJSON(j) OR length(k) != length(arrayDistinct(k))) AS bad,
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
  const names = trimmed(keys);
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
  const found: Found = { rejected: [], keys: new Map(), sound: 0 };
  await spoolTo(path, soundRecords(plain, to, found), to.context.signal);
  return checkedFile(
    { ...plain, path, codec: "none" },
    [...found.keys.values()],
    found.sound,
    found.rejected,
  );
}

/** What is known of a file that is gone through record by record. */
interface Found {
  readonly rejected: RejectedInput[];
  /** Keys of sound records as they are spelled, by their names without blanks around them. */
  readonly keys: Map<string, string>;
  /** Sound records. */
  sound: number;
}

async function* soundRecords(plain: PlainFile, to: ReadContext, found: Found): AsyncGenerator<Uint8Array> {
  let number = 0;
  const isArray = to.config.format === "json";
  const records = isArray ? jsonElements(unpacked(plain, to.context)) : lines(plain, to);
  for await (const given of records) {
    number++;
    const record = given.bytes.toString("utf8").trim();
    const fault = faultOf(given, record, found.keys);
    if (fault !== undefined) {
      if (isArray && fault.rule === "malformed_json") requireJson(record, given.where);
      keepReject(
        found.rejected,
        rejectOf(`${plain.file}:${given.where}`, fault.rule, fault.reason, given.bytes),
      );
      continue;
    }
    for (const key of jsonKeys(record)) found.keys.set(key.trim(), key);
    found.sound++;
    const rest = record.slice(1).trimStart();
    yield Buffer.from(`{"${rowKey}":${number}${rest.startsWith("}") ? "" : ","}${rest}\n`);
  }
}

interface Fault {
  readonly rule: string;
  readonly reason: string;
}

function faultOf({ bytes, long }: JsonRecord, record: string, keys: Found["keys"]): Fault | undefined {
  if (long)
    return {
      rule: "record_too_long",
      reason: "The record is longer than 64 MB; its first 64 KB are kept here.",
    };
  if (!isUtf8(bytes)) return { rule: "bad_encoding", reason: "It holds bytes that are not UTF-8." };
  const reason = jsonFault(record) ?? keyFault(jsonKeys(record), keys);
  return reason === undefined ? undefined : { rule: "malformed_json", reason };
}

/** Throws UnusableFile for an element that is no JSON: then the array is none, and where its elements end is a guess. */
function requireJson(element: string, number: number): void {
  try {
    JSON.parse(element);
  } catch (error) {
    throw new UnusableFile(
      "unreadable_file",
      `The file is no JSON array: element ${number}: ${messageOf(error)}.`,
    );
  }
}

/** Lines that are not blank. */
async function* lines(plain: PlainFile, { context }: ReadContext): AsyncGenerator<JsonRecord> {
  for await (const record of jsonLines(unpacked(plain, context))) {
    const { where, bytes } = record;
    const content = where === 1 && hasMark(bytes) ? bytes.subarray(3) : bytes;
    if (!/^[ \t\r]*$/.test(content.subarray(0, 64).toString("latin1")) || content.length > 64)
      yield { ...record, bytes: content };
  }
}
