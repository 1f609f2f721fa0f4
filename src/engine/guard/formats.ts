/** Formats that SQL from outside may ask for: those that need no schema file, write none, and ask no other service. */
import type { Refusal } from "./refusal.ts";

const names = (list: string): ReadonlySet<string> => new Set(list.split(/\s+/));

/** Of results. */
const OUTPUT = names(`TabSeparated TabSeparatedWithNames TabSeparatedWithNamesAndTypes TabSeparatedRaw
  TabSeparatedRawWithNames TabSeparatedRawWithNamesAndTypes TSV TSVWithNames TSVWithNamesAndTypes TSVRaw TSVRawWithNames
  TSVRawWithNamesAndTypes TSKV CSV CSVWithNames CSVWithNamesAndTypes CustomSeparated CustomSeparatedWithNames
  CustomSeparatedWithNamesAndTypes JSON JSONStrings JSONCompact JSONCompactStrings JSONColumns JSONColumnsWithMetadata
  JSONCompactColumns JSONEachRow JSONStringsEachRow JSONCompactEachRow JSONCompactStringsEachRow
  JSONCompactEachRowWithNames JSONCompactEachRowWithNamesAndTypes JSONCompactStringsEachRowWithNames
  JSONCompactStringsEachRowWithNamesAndTypes JSONEachRowWithProgress JSONStringsEachRowWithProgress
  JSONCompactEachRowWithProgress JSONCompactStringsEachRowWithProgress JSONObjectEachRow JSONLines JSONL NDJSON
  PrettyJSONEachRow PrettyJSONLines PrettyNDJSON Pretty PrettyCompact PrettyCompactMonoBlock PrettyCompactNoEscapes
  PrettyCompactNoEscapesMonoBlock PrettyMonoBlock PrettyNoEscapes PrettyNoEscapesMonoBlock PrettySpace
  PrettySpaceMonoBlock PrettySpaceNoEscapes PrettySpaceNoEscapesMonoBlock Vertical Markdown MD Values XML SQLInsert Parquet
  Arrow ArrowStream ORC Avro Native RowBinary RowBinaryWithNames RowBinaryWithNamesAndTypes BSONEachRow MsgPack Npy Null
  LineAsString LineAsStringWithNames LineAsStringWithNamesAndTypes Raw RawWithNames RawWithNamesAndTypes RawBLOB Hash`);

/** Of the table function `format`: those whose values are never read as expressions (Values and MySQLDump are). */
const INPUT =
  names(`TabSeparated TabSeparatedWithNames TabSeparatedWithNamesAndTypes TSV TSVWithNames TSVWithNamesAndTypes
  TSVRaw TSKV CSV CSVWithNames CSVWithNamesAndTypes JSON JSONCompact JSONColumns JSONEachRow JSONStringsEachRow
  JSONCompactEachRow JSONCompactEachRowWithNames JSONCompactEachRowWithNamesAndTypes JSONObjectEachRow JSONLines JSONL NDJSON
  JSONAsString LineAsString`);

/** True when the table function `format` may read text of this format. */
export const isInputFormat = (name: string): boolean => INPUT.has(name);

/** Undefined when a result may be written in this format. Names are case-sensitive, as the engine's are. */
export function formatRefusal(name: string): Refusal | undefined {
  if (OUTPUT.has(name)) return undefined;
  const known = [...OUTPUT].find((each) => each.toLowerCase() === name.toLowerCase());
  return {
    message: `The format ${name} is not allowed here`,
    name,
    allowed: [...OUTPUT].join(", "),
    hint: known === undefined ? "Choose one of these." : `Write ${known}.`,
  };
}
