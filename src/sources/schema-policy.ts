/**
 * What happens to bronze's columns when the columns of a source change, for all kinds of sources. A kind says which types hold
 * each other's values and how it words a refusal; what is refused is decided here.
 */
import { z } from "zod";
import type { Column } from "../engine/engine.ts";
import type { SchemaPolicy } from "../project/define.ts";
import { ShoplakeError } from "../util/errors.ts";

/** The option `schemaPolicy` of every source. Default "evolve". */
export const schemaPolicy = z.enum(["evolve", "freeze", "fail"]).default("evolve");

export type { SchemaPolicy } from "../project/define.ts";

/** How a kind of source judges types and words a refusal. */
export interface ColumnRules<Found extends Column> {
  /** What the source's options say. */
  readonly policy: SchemaPolicy;
  /** The type that holds the values of both, without Nullable; undefined: there is none. */
  readonly common: (before: string, found: string) => string | undefined;
  /** The error for columns that came or went under the policy `fail`. */
  readonly changed: (added: readonly Found[], gone: readonly Column[]) => ShoplakeError;
  /** The error for a column whose type does not fit the one that it had. */
  readonly unfit: (found: Found, before: Column) => ShoplakeError;
}

/** What is agreed between a source and bronze. */
export interface AgreedColumns<Found extends Column> {
  /** The source's columns that are read, with the types that they get in bronze. */
  readonly taken: readonly Found[];
  /** Columns of the source that bronze did not have; left out under `freeze`. */
  readonly added: readonly Found[];
  /** Columns of bronze that the source does not have: NULL from now on. */
  readonly gone: readonly Column[];
}

/**
 * Compares the columns that a source has with those that bronze has of it (without the platform's own; undefined: none yet).
 * Throws what `rules` word for what the policy refuses; a type that does not fit is refused under every policy.
 */
export function agreeOnColumns<Found extends Column>(
  found: readonly Found[],
  bronze: readonly Column[] | undefined,
  rules: ColumnRules<Found>,
): AgreedColumns<Found> {
  if (bronze === undefined) return { taken: found, added: [], gone: [] };
  const before = new Map(bronze.map((column) => [column.name, column]));
  const names = new Set(found.map(({ name }) => name));
  const added = found.filter(({ name }) => !before.has(name));
  const gone = bronze.filter(({ name }) => !names.has(name));
  if (rules.policy === "fail" && added.length + gone.length > 0) throw rules.changed(added, gone);
  const kept = rules.policy === "freeze" ? found.filter(({ name }) => before.has(name)) : found;
  const taken = kept.map((column) => {
    const old = before.get(column.name);
    return old === undefined
      ? { ...column, type: nullable(column.type) }
      : { ...column, type: typeOf(column, old, rules) };
  });
  return { taken, added, gone: gone.map(({ name, type }) => ({ name, type: nullable(type) })) };
}

function typeOf<Found extends Column>(found: Found, before: Column, rules: ColumnRules<Found>): string {
  const old = bare(before.type);
  const type = rules.common(old, bare(found.type));
  if (type === undefined || (type !== old && rules.policy !== "evolve")) throw rules.unfit(found, before);
  return isNullable(before.type) || isNullable(found.type) ? nullable(type) : type;
}

/** A change of a column that its readers would see. */
export interface ColumnChange {
  /** The column. */
  readonly name: string;
  /** What happened, a sentence without its full stop. */
  readonly said: string;
  /** What to do. */
  readonly hint: string;
}

/**
 * Throws `source` when models read a column that changed. Its NULLs or texts would stay in bronze for good: bringing the column back
 * does not send the rows of the meantime again. `modelsThatRead` costs time: it is asked for these columns only.
 */
export async function refuseChangesUnderModels(
  changes: readonly ColumnChange[],
  modelsThatRead: (column: string) => Promise<readonly string[]>,
  where: string,
): Promise<void> {
  const problems: { readonly message: string; readonly hint: string }[] = [];
  for (const { name, said, hint } of changes) {
    const readers = await modelsThatRead(name);
    if (readers.length > 0) problems.push({ message: `${said}. Read by ${readers.join(", ")}.`, hint });
  }
  const [first] = problems;
  if (first === undefined) return;
  throw new ShoplakeError("source", problems.map(({ message }) => message).join(" "), {
    where,
    allowed: "changes of columns that no model reads, new columns, wider numbers",
    hint: first.hint,
    problems,
  });
}

/** A type without Nullable(...). */
export function bare(type: string): string {
  return isNullable(type) ? type.slice("Nullable(".length, -1) : type;
}

/** Types that cannot hold NULL: what is missing is an empty value of theirs. */
const neverNull =
  /^(Array|Map|Tuple|Nested|Variant|Dynamic|JSON|AggregateFunction|SimpleAggregateFunction)\b/;

/** A type that also holds NULL, where ClickHouse has one; else the type itself. */
export function nullable(type: string): string {
  if (isNullable(type) || neverNull.test(type)) return type;
  const inner = /^LowCardinality\((.*)\)$/.exec(type)?.[1];
  return inner === undefined ? `Nullable(${type})` : `LowCardinality(${nullable(inner)})`;
}

function isNullable(type: string): boolean {
  return type.startsWith("Nullable(");
}
