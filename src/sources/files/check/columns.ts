/** Which columns an extract has: those of its files by the source's policy. */
import type { Column } from "../../../engine/engine.ts";
import { ident, text } from "../../../engine/sql.ts";
import { ShoplakeError } from "../../../util/errors.ts";
import { agreeOnColumns, bare, type ColumnRules, nullable, type SchemaPolicy } from "../../schema-policy.ts";
import { reservedNames } from "../own-columns.ts";
import { type CheckedFile, fileFault, type UnusableFile } from "../unpack/plain-file.ts";

/** What a source's options say about columns that change, and who is told. */
export interface ColumnPolicy {
  /** What a new or missing column means. */
  readonly policy: SchemaPolicy;
  /** Declared types by column. A file cannot have another one: then the options have changed. */
  readonly types: Readonly<Record<string, string>>;
  /** Is told about columns that are left out. */
  warn(message: string): void;
}

/** The source's columns in bronze; undefined when there are none yet. */
export function agreedColumns(bronze: readonly Column[] | undefined): readonly Column[] | undefined {
  const columns = bronze?.filter(({ name }) => !reservedNames.has(name)) ?? [];
  return columns.length === 0 ? undefined : columns;
}

/**
 * Columns of the extract: those agreed on (before the first load: those of the first file), and new ones when the policy is
 * evolve. Throws UnusableFile for a file with a column of another type, and a `source` error that names file and column when the
 * policy forbids a change or a declared type has changed.
 */
export function extractColumns(
  agreed: readonly Column[] | undefined,
  files: readonly CheckedFile[],
  { policy, types, warn }: ColumnPolicy,
): Column[] {
  const known = agreed ?? files[0]?.columns ?? [];
  const columns = new Map(known.map(({ name, type }) => [name, type]));
  for (const { plain, columns: own } of files) {
    const before = known.map(({ name, type }) => ({ name, type: columns.get(name) ?? type }));
    const { taken, added } = agreeOnColumns(own, before, rulesFor(plain.file, policy, types));
    if (policy === "freeze" && added.length > 0)
      warn(`${plain.file}: new columns ${list(added)} are ignored (schemaPolicy: freeze).`);
    for (const { name, type } of taken) {
      const other = known.some((column) => column.name === name) ? undefined : columns.get(name);
      columns.set(name, other === undefined ? type : widened(plain.file, { name, type }, other));
    }
  }
  return [...columns].map(([name, type]) => ({ name, type }));
}

function rulesFor(file: string, policy: SchemaPolicy, types: ColumnPolicy["types"]): ColumnRules<Column> {
  return {
    policy,
    common: commonType,
    changed: (added, gone) => changed(file, added, gone),
    unfit(found, before) {
      if (types[found.name] === undefined) throw unfitFile(file, found, before);
      return unfit(file, found, before);
    },
  };
}

/** The type of a new column that an earlier file of the extract has brought, too. */
function widened(file: string, found: Column, other: string): string {
  const type = commonType(bare(other), bare(found.type));
  if (type === undefined) throw unfitFile(file, found, { name: found.name, type: other });
  return nullable(type);
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

/** The type that holds the values of both; undefined: there is none. */
function commonType(before: string, found: string): string | undefined {
  if (before.replaceAll(" ", "") === found.replaceAll(" ", "")) return before;
  if (wider[found]?.includes(before)) return before;
  return wider[before]?.includes(found) ? found : undefined;
}

function unfitFile(file: string, found: Column, before: Column): UnusableFile {
  return fileFault(unfit(file, found, before));
}

function unfit(file: string, { name, type }: Column, before: Column): ShoplakeError {
  return new ShoplakeError(
    "source",
    `Column ${name} of ${file} is ${bare(type)}, but it was ${bare(before.type)} before.`,
    {
      where: file,
      hint: "Write the file with the type it had, or give files of another type an own source. If it is `types` that changed: change it back, or read into a table of another name.",
    },
  );
}

function changed(file: string, added: readonly Column[], gone: readonly Column[]): ShoplakeError {
  const parts = [
    ...(added.length > 0 ? [`new: ${list(added)}`] : []),
    ...(gone.length > 0 ? [`missing: ${list(gone)}`] : []),
  ];
  return new ShoplakeError("source", `The columns of ${file} have changed (${parts.join("; ")}).`, {
    where: file,
    hint: 'Correct the file, or set `schemaPolicy: "evolve"` to take new columns over and leave missing ones NULL.',
  });
}

function list(columns: readonly Column[]): string {
  return columns.map(({ name }) => name).join(", ");
}
