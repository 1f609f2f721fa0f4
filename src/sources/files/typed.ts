/** Columns with declared types: a record with a value that its type cannot hold becomes a reject. */
import {
  type Broken,
  type ColumnCast,
  castColumns,
  castRule,
  firstBroken,
  givenColumns,
  rawJson,
  reasonOf,
  typedRows,
} from "../../engine/cast-columns.ts";
import type { Column } from "../../engine/engine.ts";
import { ident } from "../../engine/sql.ts";
import { ShoplakeError } from "../../util/errors.ts";
import type { RejectedInput } from "../source.ts";
import type { FilesSourceConfig } from "./config.ts";
import type { Loadable } from "./piece.ts";
import type { Preparation } from "./prepare.ts";
import { keepReject } from "./rejects.ts";

const rowName = "__c_at";
const rejectName = "__c_reject";

type Types = FilesSourceConfig["types"];

/** Columns of files with their declared types. */
export function typedColumns(columns: readonly Column[], types: Types): Column[] {
  return columns.map(({ name, type }) => ({ name, type: types[name] ?? type }));
}

/** The columns, and at the end those that have a declared type and are in no file: they are NULL. None for no columns. */
export function withDeclared(columns: readonly Column[], types: Types): Column[] {
  if (columns.length === 0) return [];
  const names = new Set(columns.map(({ name }) => name));
  const absent = Object.entries(types).filter(([name]) => !names.has(name));
  return [...columns, ...absent.map(([name, type]) => ({ name, type }))];
}

/**
 * The same files with typed columns, without the records that break a type. Reads each file once more. Throws a `source` error
 * for a file without a column that must not be NULL.
 */
export async function typedLoadables(loadables: readonly Loadable[], to: TypedWork): Promise<Loadable[]> {
  if (Object.keys(to.config.types).length === 0) return [...loadables];
  const typed: Loadable[] = [];
  for (const loadable of loadables) typed.push(await typedLoadable(loadable, to));
  return typed;
}

async function typedLoadable(loadable: Loadable, to: TypedWork): Promise<Loadable> {
  const { config } = to;
  requireColumns(loadable, config.types);
  const names = loadable.columns.map(({ name }) => name);
  const casts = castColumns(new Map(Object.entries(config.types)), names);
  const rules = casts.map(castRule);
  const given = `(SELECT ${givenColumns(names, casts, loadable.expressions)}, ${loadable.row} AS ${rowName} FROM ${loadable.from})`;
  const judged = `(SELECT *, ${rules.length === 0 ? "''" : firstBroken(rules)} AS ${rejectName} FROM (${typedRows(casts, given)}))`;
  const rejected = [...loadable.rejected];
  const found = await brokenRecords(loadable, { judged, rules, casts, names }, to);
  for (const reject of found) keepReject(rejected, reject);
  return {
    piece: loadable.piece,
    columns: typedColumns(loadable.columns, config.types),
    expressions: new Map(names.map((name) => [name, ident(name)])),
    row: rowName,
    from: `${judged} WHERE ${rejectName} = ''`,
    rows: loadable.rows - found.length,
    rejected,
  };
}

function requireColumns({ piece, columns }: Loadable, types: Types): void {
  const names = new Set(columns.map(({ name }) => name));
  const missing = Object.entries(types).filter(([name, type]) => !names.has(name) && !isNullable(type));
  if (missing.length === 0) return;
  throw new ShoplakeError(
    "source",
    `${piece.file} has no column ${missing.map(([name, type]) => `${name} (${type})`).join(", ")}.`,
    {
      where: piece.file,
      hint: "Correct the file. If the column may be missing, then NULL, declare its type in the source's `types` as Nullable(...).",
    },
  );
}

function isNullable(type: string): boolean {
  return /^\s*(LowCardinality\s*\(\s*)?Nullable\s*\(/i.test(type);
}

export interface TypedWork extends Preparation {
  /** Of every statement that reads the pieces. */
  readonly settings: Readonly<Record<string, string | number>>;
}

interface Judged {
  /** Table expression of the typed rows with `__c_reject`. */
  readonly judged: string;
  readonly rules: readonly Broken[];
  readonly casts: readonly ColumnCast[];
  readonly names: readonly string[];
}

async function brokenRecords(
  { piece }: Loadable,
  { judged, rules, casts, names }: Judged,
  { config, context, settings }: TypedWork,
): Promise<RejectedInput[]> {
  if (rules.length === 0) return [];
  const rows = await context.engine.rows<{ at: string; rule: string; reason: string; raw: string }>(
    `SELECT ${rowName} AS at, ${rejectName} AS rule, ${reasonOf(rules, rejectName)} AS reason, ${rawJson(names, casts)} AS raw
     FROM ${judged} WHERE ${rejectName} != '' ORDER BY at LIMIT ${limit}`,
    { settings, signal: context.signal },
  );
  return rows.map(({ at, rule, reason, raw }) => ({
    sourceRef: `${piece.file}:${at}`,
    rule,
    reason,
    raw,
    key: keyOf(config.key, raw),
  }));
}

/** One more than a file may have. */
const limit = 100_001;

/** "order_id=17, line=2" */
function keyOf(key: readonly string[], raw: string): string {
  const values = JSON.parse(raw) as Readonly<Record<string, string | null>>;
  return key.map((name) => `${name}=${values[name] ?? "NULL"}`).join(", ");
}
