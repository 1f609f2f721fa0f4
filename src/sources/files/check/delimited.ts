/** CSV and TSV: checked and read by the engine; only files it refuses are gone through record by record. */
import { isUtf8 } from "node:buffer";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { ident, text } from "../../../engine/sql.ts";
import { ShoplakeError } from "../../../util/errors.ts";
import type { RejectedInput } from "../../source.ts";
import { spoolTo, unpacked } from "../unpack/bytes.ts";
import {
  type CheckedAll,
  type CheckedFile,
  eachFile,
  isUnreadable,
  type PlainFile,
} from "../unpack/plain-file.ts";
import type { ReadContext } from "../unpack/unpack.ts";
import { type CsvRecord, csvRecords, longest } from "./csv-records.ts";
import { delimitedNames, dialectOf } from "./delimited-header.ts";
import { keepReject, rejectOf } from "./rejects.ts";

const textType = "Nullable(String)";
/** No file holds it, so NULL in a column means that the record has no such field. */
const absent = "\u0001shoplake-absent\u0001";
/** One column more than the header has: not NULL when a record has too many fields. */
const surplus = "__c_surplus";
const rowColumn = "__c_row";

/** How the engine must read delimited text; every option that changes what arrives is set on purpose. */
export function delimitedSettings({ delimiter, quote }: { delimiter: string; quote: string }) {
  return {
    format_csv_delimiter: delimiter,
    format_csv_allow_double_quotes: quote === '"' ? 1 : 0,
    format_csv_allow_single_quotes: quote === "'" ? 1 : 0,
    format_csv_null_representation: absent,
    // Without it blanks at the start of a line and after a closing quote are dropped, and a tab is refused as delimiter.
    input_format_csv_allow_whitespace_or_tab_as_delimiter: 1,
    input_format_csv_trim_whitespaces: 0,
    input_format_csv_empty_as_default: 0,
    input_format_csv_use_default_on_bad_values: 0,
    input_format_csv_allow_cr_end_of_line: 1,
    input_format_csv_allow_variable_number_of_columns: 1,
    input_format_csv_skip_first_lines: 0,
    input_format_csv_detect_header: 0,
    input_format_with_names_use_header: 0,
    input_format_null_as_default: 0,
    input_format_allow_errors_num: 0,
    input_format_allow_errors_ratio: 0,
    input_format_parallel_parsing: 0,
    optimize_count_from_files: 0,
  };
}

/** Files with their counts; a file without records is left out. */
export async function checkDelimited(plainFiles: readonly PlainFile[], to: ReadContext): Promise<CheckedAll> {
  const refused: CheckedAll["refused"][number][] = [];
  const candidates = await eachFile(
    plainFiles.map((plain) => ({ plain })),
    refused,
    async ({ plain }): Promise<Candidate | undefined> => {
      const names = await delimitedNames(plain, to);
      return names && { plain, names, numbered: false, mayBeLong: await mayHoldLong(plain) };
    },
  );
  const results = await verdicts(candidates, to);
  const checked = await eachFile(candidates, refused, async (candidate, i) => {
    const verdict = results[i];
    const sound = verdict !== undefined && verdict.bad === 0 && !verdict.open;
    return sound ? checkedFile(candidate, to, verdict.rows, []) : repaired(candidate, to, verdict);
  });
  return { checked, refused };
}

interface Candidate {
  readonly plain: PlainFile;
  readonly names: readonly string[];
  /** A spooled file without a header whose records start with their number. */
  readonly numbered: boolean;
  /** It is large enough for a record that is too long. */
  readonly mayBeLong: boolean;
}

/** Times that gzip can make a text smaller. */
const mostPacked = 1100;

async function mayHoldLong({ path, codec }: PlainFile): Promise<boolean> {
  const { size } = await stat(path);
  return codec === "zstd" || size * (codec === "gz" ? mostPacked : 1) > longest;
}

interface Verdict {
  readonly rows: number;
  /** Records with a wrong number of fields or with bytes that are not UTF-8, and those that are too long. */
  readonly bad: number;
  /** The last value of the file holds a line break: its closing quote may be missing. */
  readonly open: boolean;
}

/** One statement for all; when the engine refuses it, one for each, and undefined for those it refuses. */
async function verdicts(candidates: readonly Candidate[], to: ReadContext): Promise<(Verdict | undefined)[]> {
  if (candidates.length === 0) return [];
  try {
    return await verdictsOf(candidates, to);
  } catch (error) {
    to.context.signal.throwIfAborted();
    if (!isUnreadable(error)) throw error;
    if (candidates.length === 1) return [undefined];
  }
  const one: (Verdict | undefined)[] = [];
  for (const candidate of candidates) one.push(...(await verdicts([candidate], to)));
  return one;
}

async function verdictsOf(
  candidates: readonly Candidate[],
  { config, context }: ReadContext,
): Promise<Verdict[]> {
  const selects = candidates.map((candidate, i) => {
    const columns = candidate.names.map((_, c) => column(c));
    const sound = columns.map((name) => `isValidUTF8(${name})`).join(" AND ");
    const lengths = columns.map((name) => `length(${name})`).join(", ");
    const short = candidate.mayBeLong ? ` AND arraySum([${lengths}]) <= ${longest}` : "";
    const last = columns.at(-1) ?? column(0);
    return `SELECT ${i} AS plain, ${surplus} IS NOT NULL OR ifNull(NOT (${sound}${short}), 1) AS bad,
      ifNull(match(${last}, '[\\\\r\\\\n]'), 0) AS open, ${rowOf(candidate)} AS r FROM ${fromOf(candidate, config)}`;
  });
  const found = await context.engine.rows<{ plain: number; rows: string; bad: string; open: number }>(
    `SELECT plain, count() AS rows, countIf(bad) AS bad, argMax(open, r) AS open
     FROM (${selects.join("\nUNION ALL ")}) GROUP BY plain`,
    { settings: delimitedSettings(config), signal: context.signal },
  );
  const byIndex = new Map(found.map((row) => [Number(row.plain), row]));
  return candidates.map((_, i) => {
    const row = byIndex.get(i);
    return { rows: Number(row?.rows ?? 0), bad: Number(row?.bad ?? 0), open: Number(row?.open ?? 0) !== 0 };
  });
}

function column(index: number): string {
  return `__c${index}`;
}

function rowOf({ numbered }: Candidate): string {
  return numbered ? `toInt64(${rowColumn})` : "toInt64(_row_number + 1)";
}

/** An empty line has no first field and is no record. */
function fromOf({ plain, names, numbered }: Candidate, { header }: { header: boolean }): string {
  const columns = [...(numbered ? [rowColumn] : []), ...names.map((_, i) => column(i)), surplus];
  const structure = columns.map((name) => `${name} ${textType}`).join(", ");
  const format = header && !numbered ? "CSVWithNames" : "CSV";
  const file = [plain.path, format, structure, plain.codec].map(text).join(", ");
  return `file(${file}) WHERE ${column(0)} IS NOT NULL`;
}

function checkedFile(
  candidate: Candidate,
  { config }: ReadContext,
  rows: number,
  rejected: readonly RejectedInput[],
): CheckedFile {
  return {
    plain: candidate.plain,
    columns: candidate.names.map((name) => ({ name, type: textType })),
    expressions: new Map(candidate.names.map((name, i) => [name, ident(column(i))])),
    row: rowOf(candidate),
    from: fromOf(candidate, config),
    rows,
    rejected,
  };
}

/** Spools the sound records with their numbers; the others become rejects. */
async function repaired(
  candidate: Candidate,
  to: ReadContext,
  verdict: Verdict | undefined,
): Promise<CheckedFile> {
  const { plain, names } = candidate;
  const path = join(to.folder, `sound-${crypto.randomUUID()}`);
  const rejected: RejectedInput[] = [];
  const counts = { sound: 0 };
  await spoolTo(path, soundRecords(candidate, to, rejected, counts), to.context.signal);
  if (verdict !== undefined && verdict.bad === 0 && rejected.length === 0)
    return checkedFile(candidate, to, verdict.rows, []);
  const spooled: Candidate = {
    plain: { ...plain, path, codec: "none" },
    names,
    numbered: true,
    mayBeLong: false,
  };
  const [again] = await verdictsOf([spooled], to);
  if (again?.rows !== counts.sound || again.bad !== 0)
    throw new ShoplakeError("source", `The repaired copy of ${plain.file} does not read back.`, {
      where: plain.file,
      hint: `${counts.sound} records were expected, ${again?.rows} found, ${again?.bad} of them bad. Please report it.`,
    });
  return checkedFile(spooled, to, counts.sound, rejected);
}

async function* soundRecords(
  { plain, names }: Candidate,
  { config, context }: ReadContext,
  rejected: RejectedInput[],
  counts: { sound: number },
): AsyncGenerator<Uint8Array> {
  let number = config.header ? -1 : 0;
  for await (const records of csvRecords(unpacked(plain, context), dialectOf(config))) {
    const sound: Uint8Array[] = [];
    for (const record of records) {
      number++;
      if (number === 0 || record.fields === 0) continue;
      const fault = faultOf(record, names.length);
      if (fault !== undefined) {
        keepReject(rejected, rejectOf(`${plain.file}:${record.line}`, ...fault, record.bytes));
        continue;
      }
      counts.sound++;
      const end = record.unclosed ? `${config.quote}\n` : "\n";
      sound.push(Buffer.from(`${number}${config.delimiter}`), record.bytes, Buffer.from(end));
    }
    yield Buffer.concat(sound);
  }
}

function faultOf(record: CsvRecord, expected: number): [rule: string, reason: string] | undefined {
  if (record.problem === "record_too_long")
    return [
      "record_too_long",
      "No end of the record within 16 MB; of a single line the first 64 KB are kept here.",
    ];
  if (record.problem !== undefined)
    return ["malformed_quotes", "A quoted field is not closed, or text follows its closing quote."];
  if (record.fields !== expected)
    return [
      "wrong_column_count",
      `The record has ${record.fields} fields, the file has ${expected} columns.`,
    ];
  return isUtf8(record.bytes) ? undefined : ["bad_encoding", "The record holds bytes that are not UTF-8."];
}
