/** The header of delimited files. */
import { isUtf8 } from "node:buffer";
import { ShoplakeError } from "../../../util/errors.ts";
import { unpacked } from "../unpack/bytes.ts";
import type { PlainFile } from "../unpack/plain-file.ts";
import type { ReadContext } from "../unpack/unpack.ts";
import { type CsvDialect, type CsvRecord, csvFields, csvRecords } from "./csv-records.ts";
import { checkNames } from "./names.ts";

/** Header names, or the names of the options; undefined for a file without any record. */
export async function delimitedNames(plain: PlainFile, to: ReadContext) {
  const { config, context } = to;
  const dialect = dialectOf(config);
  for await (const [record] of csvRecords(unpacked(plain, context), dialect)) {
    if (record === undefined) continue;
    if (!config.header) return config.columns ?? [];
    if (record.fields === 0 && (await isBlank(plain, to))) return undefined;
    if (record.problem !== undefined || !isUtf8(record.bytes)) throw badHeader(plain, record);
    const names = csvFields(record.bytes, dialect).map((name) => name.toString("utf8").trim());
    checkNames(plain.file, names);
    return names;
  }
  return undefined;
}

/** True when the file has only empty lines. */
async function isBlank(plain: PlainFile, { config, context }: ReadContext): Promise<boolean> {
  for await (const records of csvRecords(unpacked(plain, context), dialectOf(config)))
    if (records.some(({ fields }) => fields > 0)) return false;
  return true;
}

/** The bytes that mean something, by the options. */
export function dialectOf({ delimiter, quote }: { delimiter: string; quote: string }): CsvDialect {
  return { delimiter: delimiter.charCodeAt(0), quote: quote.charCodeAt(0) };
}

function badHeader(plain: PlainFile, record: CsvRecord): ShoplakeError {
  const wide = record.bytes.includes(0) || record.bytes[0] === 0xff || record.bytes[0] === 0xfe;
  const fault = record.problem === undefined ? "is not UTF-8" : "has broken quoting";
  return new ShoplakeError("source", `The header of ${plain.file} ${fault}.`, {
    where: `${plain.file}:${record.line}`,
    hint: wide
      ? 'It looks like UTF-16: set `encoding: "utf-16le"` (or "utf-16be") in the source\'s options.'
      : "Set `encoding` and `quote` in the source's options to what the file uses.",
  });
}
