/** Columns with declared types: a record with a value that its type cannot hold becomes a reject. */
import {
  castColumns,
  castRule,
  firstBroken,
  givenColumns,
  rawJson,
  reasonOf,
  typedRows,
} from "../../../engine/cast-columns.ts";
import type { Column } from "../../../engine/engine.ts";
import { idents } from "../../../engine/sql.ts";
import { ShoplakeError } from "../../../util/errors.ts";
import { own } from "../../../util/own.ts";
import type { RejectedInput, SourceContext } from "../../source.ts";
import type { FilesTableConfig } from "../options.ts";
import { ownColumns } from "../own-columns.ts";
import { type CheckedFile, fileFault } from "../unpack/plain-file.ts";
import { selectOf } from "./columns.ts";
import { keepReject, mostRejects } from "./rejects.ts";

type Types = FilesTableConfig["types"];

/** Columns of files with their declared types. */
export function typedColumns(columns: readonly Column[], types: Types): Column[] {
  return columns.map(({ name, type }) => ({ name, type: own(types, name) ?? type }));
}

/** The columns, and at the end those that have a declared type and are in no file: they are NULL. None for no columns. */
export function withDeclared(columns: readonly Column[], types: Types): Column[] {
  if (columns.length === 0) return [];
  const names = new Set(columns.map(({ name }) => name));
  const absent = Object.entries(types).filter(([name]) => !names.has(name));
  return [...columns, ...absent.map(([name, type]) => ({ name, type }))];
}

/** Throws UnusableFile for a file without a column whose type takes no NULL. */
export function requireColumns({ plain, columns }: CheckedFile, types: Types): void {
  const names = new Set(columns.map(({ name }) => name));
  const missing = Object.entries(types).filter(([name, type]) => !names.has(name) && !isNullable(type));
  if (missing.length === 0) return;
  throw fileFault(
    new ShoplakeError(
      "source",
      `${plain.file} has no column ${missing.map(([name, type]) => `${name} (${type})`).join(", ")}.`,
      {
        where: plain.file,
        hint: "Correct the file. If the column may be missing, then NULL, declare its type in the source's `types` as Nullable(...).",
      },
    ),
  );
}

function isNullable(type: string): boolean {
  return /^\s*(LowCardinality\s*\(\s*)?Nullable\s*\(/i.test(type);
}

/** How to read files whose columns have declared types. */
export interface TypedWork {
  /** All columns of the extract, with their declared types. */
  readonly columns: readonly Column[];
  /** Declared types, and the key that rejects are named by. */
  readonly config: FilesTableConfig;
  /** Engine and signal. */
  readonly context: SourceContext;
  /** Of every statement that reads the files. */
  readonly settings: Readonly<Record<string, string | number>>;
}

/** The good rows as a SELECT, the bad ones as rejects. */
export interface TypedRead {
  /** SELECT of the rows whose values have their types: the columns and those of the source itself. */
  readonly select: string;
  /** The files with what their types reject. */
  readonly checked: readonly CheckedFile[];
}

/** Reads the files once for their rejects. One cast for all files: a statement with one for each would be too long. */
export async function typedRead(files: readonly CheckedFile[], work: TypedWork): Promise<TypedRead> {
  const { types, key } = work.config;
  const names = work.columns.map(({ name }) => name);
  const casts = castColumns(new Map(Object.entries(types)), names);
  const given = work.columns.map(({ name, type }) => ({
    name,
    type: own(types, name) === undefined ? type : givenType(files, name),
  }));
  const rows = files.map((file) => selectOf(file, given)).join("\nUNION ALL ");
  if (casts.length === 0) return { select: rows, checked: files };
  const ofSource = ownColumns.map(({ name }) => name);
  const rules = casts.map(castRule);
  const untyped = `(SELECT ${givenColumns(names, casts)}, ${idents(ofSource)} FROM (${rows}))`;
  const judged = `(SELECT *, ${firstBroken(rules)} AS ${verdict} FROM (${typedRows(casts, untyped)}))`;
  const rejected: RejectedInput[] = [];
  const broken = await work.context.engine.rows<BrokenRecord>(
    `SELECT _file AS file, _row AS row, ${verdict} AS rule, ${reasonOf(rules, verdict)} AS reason, ${rawJson(names, casts)} AS raw
     FROM ${judged} WHERE ${verdict} != '' ORDER BY file, row LIMIT ${mostRejects + 1}`,
    { settings: work.settings, signal: work.context.signal },
  );
  for (const record of broken) keepReject(rejected, rejectOfRecord(record, key));
  return {
    select: `SELECT ${idents([...names, ...ofSource])} FROM ${judged} WHERE ${verdict} = ''`,
    checked: files.map((file) => {
      const mine = rejected.filter((_, i) => broken[i]?.file === file.plain.file);
      return { ...file, rows: file.rows - mine.length, rejected: [...file.rejected, ...mine] };
    }),
  };
}

/** Else the engine plans the casts once for each file: 64 files of 24 columns took 2 s for each statement. */
export const typedSettings = { query_plan_lift_up_union: 0, query_plan_filter_push_down: 0 };

const verdict = "__c_reject";

/** The type of a column before its cast: that of the files, or text when they differ or none has it. */
function givenType(files: readonly CheckedFile[], column: string): string {
  const found = files.flatMap(({ columns }) => columns.filter(({ name }) => name === column));
  const [first, ...others] = new Set(found.map(({ type }) => type));
  return first === undefined || others.length > 0 ? "Nullable(String)" : first;
}

/** A record that a statement found broken. */
export interface BrokenRecord {
  /** Value of its `_file`. */
  readonly file: string;
  /** Its number in the file. */
  readonly row: string;
  /** Name of the reject's rule. */
  readonly rule: string;
  /** One sentence for a person. */
  readonly reason: string;
  /** JSON of texts by column. */
  readonly raw: string;
}

/** Such a record as a reject, with its key. */
export function rejectOfRecord(
  { file, row, rule, reason, raw }: BrokenRecord,
  key: readonly string[],
): RejectedInput {
  const values = JSON.parse(raw) as Readonly<Record<string, string | null>>;
  const texts = key.map((name) => `${name}=${own(values, name) ?? "NULL"}`);
  return { sourceRef: `${file}:${row}`, rule, reason, raw, key: texts.join(", ") };
}
