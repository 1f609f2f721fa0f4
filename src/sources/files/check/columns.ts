/** Which columns an extract has: those of its files by the source's policy. */
import type { Column } from "../../../engine/engine.ts";
import { ident, text } from "../../../engine/sql.ts";
import { ShoplakeError } from "../../../util/errors.ts";
import { reservedNames } from "../config.ts";
import type { CheckedFile } from "../unpack/plain-file.ts";

export interface ColumnPolicy {
  readonly policy: "evolve" | "freeze" | "fail";
  warn(message: string): void;
}

/** The source's columns in bronze; undefined when there are none yet. */
export function agreedColumns(bronze: readonly Column[] | undefined): readonly Column[] | undefined {
  const columns = bronze?.filter(({ name }) => !reservedNames.has(name)) ?? [];
  return columns.length === 0 ? undefined : columns;
}

/**
 * Columns of the extract: those agreed on (before the first load: those of the first file), and new ones when the policy is
 * evolve. Throws a `source` error that names file and column when the policy or a type forbids it.
 */
export function extractColumns(
  agreed: readonly Column[] | undefined,
  checked: readonly CheckedFile[],
  { policy, warn }: ColumnPolicy,
): Column[] {
  const start = agreed ?? checked[0]?.columns ?? [];
  const columns = new Map(start.map(({ name, type }) => [name, type]));
  const known = new Set(columns.keys());
  for (const { plain, columns: own } of checked) {
    const news = own.filter(({ name }) => !known.has(name)).map(({ name }) => name);
    const names = new Set(own.map(({ name }) => name));
    const missing = [...known].filter((name) => !names.has(name));
    if (policy === "fail" && news.length + missing.length > 0) throw changed(plain.file, news, missing);
    if (policy === "freeze" && news.length > 0)
      warn(`${plain.file}: new columns ${news.join(", ")} are ignored (schemaPolicy: freeze).`);
    for (const { name, type } of own)
      if (known.has(name) || policy === "evolve")
        columns.set(name, commonType(plain.file, name, columns.get(name) ?? type, type));
  }
  return [...columns].map(([name, type]) => ({ name, type }));
}

/** SELECT of one file with the columns of the extract; what the file lacks is NULL. */
export function selectOf(checkedFile: CheckedFile, columns: readonly Column[]): string {
  const own = new Map(checkedFile.columns.map(({ name, type }) => [name, type]));
  const expressions = columns.map(({ name, type }) => {
    const expression = checkedFile.expressions.get(name);
    if (expression === undefined) return `${absentValue(type)} AS ${ident(name)}`;
    return own.get(name) === type
      ? `${expression} AS ${ident(name)}`
      : `CAST(${expression} AS ${type}) AS ${ident(name)}`;
  });
  const { plain, row, from } = checkedFile;
  return `SELECT ${[
    ...expressions,
    `${text(plain.file)} AS _file`,
    `${text(plain.hash)} AS _file_hash`,
    `${row} AS _row`,
  ].join(", ")} FROM ${from}`;
}

function absentValue(type: string): string {
  return type.startsWith("Nullable(") ? `CAST(NULL AS ${type})` : `defaultValueOfTypeName(${text(type)})`;
}

/** Integers and floats that hold every value of another type, narrowest first. */
const wider: Readonly<Record<string, readonly string[]>> = {
  Int8: ["Int16", "Int32", "Int64", "Float64"],
  Int16: ["Int32", "Int64", "Float64"],
  Int32: ["Int64", "Float64"],
  UInt8: ["Int16", "Int32", "Int64", "Float64"],
  UInt16: ["Int32", "Int64", "Float64"],
  UInt32: ["Int64", "Float64"],
  Float32: ["Float64"],
};

function commonType(file: string, column: string, known: string, found: string): string {
  const [a, b] = [bare(known), bare(found)];
  if (sameSpelling(a, b)) return known.startsWith("Nullable(") ? known : found;
  if (wider[b]?.includes(a)) return `Nullable(${a})`;
  if (wider[a]?.includes(b)) return `Nullable(${b})`;
  throw new ShoplakeError("source", `Column ${column} of ${file} is ${b}, but it was ${a} before.`, {
    where: file,
    hint: "Write the file with the type it had, or give files of another type an own source. If it is `types` that changed: change it back, or read into a table of another name.",
  });
}

/** "Decimal(10,2)" and "Decimal(10, 2)" are one type. */
function sameSpelling(a: string, b: string): boolean {
  return a.replaceAll(" ", "") === b.replaceAll(" ", "");
}

function bare(type: string): string {
  return /^Nullable\((.*)\)$/.exec(type)?.[1] ?? type;
}

function changed(file: string, news: readonly string[], missing: readonly string[]): ShoplakeError {
  const parts = [
    ...(news.length > 0 ? [`new: ${news.join(", ")}`] : []),
    ...(missing.length > 0 ? [`missing: ${missing.join(", ")}`] : []),
  ];
  return new ShoplakeError("source", `The columns of ${file} have changed (${parts.join("; ")}).`, {
    where: file,
    hint: 'Correct the file, or set `schemaPolicy: "evolve"` to take new columns over and leave missing ones NULL.',
  });
}
