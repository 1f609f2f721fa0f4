/** What happens to bronze's columns when the source's columns change, by policy. */
import type { Column } from "../../engine/engine.ts";
import { ShoplakeError } from "../../util/errors.ts";
import type { ColumnReader } from "./tables/types.ts";

export interface ReconciledColumns {
  /** Columns to copy, with the types they get in bronze. */
  readonly copied: readonly ColumnReader[];
  /** Columns of bronze that the source does not have any more: NULL from now on. */
  readonly gone: readonly Column[];
  readonly warnings: readonly string[];
}

interface Change {
  readonly message: string;
  readonly hint: string;
}

export type SchemaPolicy = "evolve" | "freeze" | "fail";

/**
 * Compares the source's columns with those of bronze (without reserved ones; undefined: no bronze table yet).
 * - `evolve`: new columns are taken over, gone ones become NULL, types widen
 * - `freeze`: new columns are left out, gone ones become NULL, types stay
 * - `fail`: any difference is an error
 * A type that does not fit the old one is an error under every policy. Both forms warn.
 */
export function reconcileColumns(
  readers: readonly ColumnReader[],
  bronze: readonly Column[] | undefined,
  policy: SchemaPolicy,
  where: string,
): ReconciledColumns {
  if (bronze === undefined) return { copied: readers, gone: [], warnings: [] };
  const known = bronze.filter(({ name }) => !name.startsWith("_"));
  const before = new Map(known.map((column) => [column.name, column]));
  const added = readers.filter(({ name }) => !before.has(name));
  const gone = known.filter(({ name }) => !readers.some((reader) => reader.name === name));
  if (policy === "fail" && added.length + gone.length > 0) throw refused(added, gone, where);
  const kept = policy === "freeze" ? readers.filter(({ name }) => before.has(name)) : readers;
  const copied = kept.map((reader) => {
    const old = before.get(reader.name);
    return old === undefined
      ? { ...reader, type: nullable(reader.type) }
      : settle(reader, old, policy, where);
  });
  return {
    copied,
    gone: gone.map(({ name, type }) => ({ name, type: nullable(type) })),
    warnings: warningsOf(added, gone, policy, where),
  };
}

function settle(reader: ColumnReader, old: Column, policy: SchemaPolicy, where: string): ColumnReader {
  const [from, to] = [bare(old.type), bare(reader.type)];
  const canBeNull = isNullable(old.type) || isNullable(reader.type);
  const typed = (type: string) => ({ ...reader, type: canBeNull ? nullable(type) : type });
  if (holds(from, to)) return typed(from);
  if (policy === "evolve" && holds(to, from)) return typed(to);
  throw new ShoplakeError(
    "source",
    `Column ${reader.name} has another type now: ${reader.declared} (${to}); bronze holds ${from}.`,
    {
      where,
      allowed:
        policy === "evolve"
          ? `${from}, or a type that holds all its values`
          : `${from}: schemaPolicy is "${policy}"`,
      hint: `Change the column back, or list it under asText.`,
    },
  );
}

export interface ChangesToRefuse {
  readonly reconciled: ReconciledColumns;
  readonly bronze: readonly Column[];
  /** Columns that the user knows are gone, and those that shall be text. */
  readonly accepted: readonly string[];
  readonly readersOf: (column: string) => Promise<readonly string[]>;
  readonly where: string;
}

/**
 * Throws `source` when a column that models read is gone or became text. Its NULLs or texts would stand in bronze for good: bringing
 * the column back does not send the rows of the meantime again.
 */
export async function refuseChangesUnderModels(changes: ChangesToRefuse): Promise<void> {
  const { reconciled, bronze, accepted, readersOf, where } = changes;
  const before = new Map(bronze.map(({ name, type }) => [name, bare(type)]));
  const added = reconciled.copied.filter(({ name }) => !before.has(name)).map(({ name }) => name);
  const gone = reconciled.gone.map(({ name }) => ({
    name,
    said: `Column ${name} (${before.get(name)}) is gone from the source`,
    hint: `${added.length > 0 ? `New there: ${added.join(", ")}. ` : ""}Bring the column back. When it is gone for good, list it under retired: it is NULL from then on, and the models may keep reading its older values.`,
  }));
  const texts = reconciled.copied
    .filter(({ name, type }) => bare(type) === "String" && (before.get(name) ?? "String") !== "String")
    .map(({ name, declared }) => ({
      name,
      said: `Column ${name} has another type now: ${declared} (String); bronze holds ${before.get(name)}`,
      hint: `Change the column back. When it shall be text, list it under asText and cast it in the models.`,
    }));
  const problems: Change[] = [];
  for (const { name, said, hint } of [...gone, ...texts]) {
    const readers = accepted.includes(name) ? [] : await readersOf(name);
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

function refused(added: readonly Column[], gone: readonly Column[], where: string): ShoplakeError {
  const changes: Change[] = [
    ...added.map(({ name, type }) => ({
      message: `Column ${name} (${type}) is new at the source.`,
      hint: `List the wanted columns under columns, or set schemaPolicy to "evolve" or "freeze".`,
    })),
    ...gone.map(({ name, type }) => ({
      message: `Column ${name} (${type}) is gone from the source.`,
      hint: `Bring it back, or set schemaPolicy to "evolve" or "freeze".`,
    })),
  ];
  return new ShoplakeError("source", changes.map(({ message }) => message).join(" "), {
    where,
    allowed: `no change of columns: schemaPolicy is "fail"`,
    ...(changes[0] !== undefined && { hint: changes[0].hint }),
    problems: changes,
  });
}

function warningsOf(
  added: readonly Column[],
  gone: readonly Column[],
  policy: SchemaPolicy,
  where: string,
): string[] {
  const names = (columns: readonly Column[]) => columns.map(({ name }) => name).join(", ");
  const verb = policy === "freeze" ? "left out" : "taken over";
  return [
    ...(added.length > 0 ? [`${where}: new columns ${verb}: ${names(added)}`] : []),
    ...(gone.length > 0 ? [`${where}: columns gone from the source, NULL from now on: ${names(gone)}`] : []),
  ];
}

/** True when every value of type `inner` is a value of type `outer`, read from the same text. */
export function holds(outer: string, inner: string): boolean {
  if (outer === inner || outer === "String") return true;
  const [room, need] = [digits(outer), digits(inner)];
  if (room !== undefined && need !== undefined) return room.any >= need.most && room.scale >= need.scale;
  return outer === "Float64" && inner === "Float32";
}

/** Digits of a number type: before the point so many that `any` such number fits, `most` that its largest has; and after it. */
function digits(type: string): { any: number; most: number; scale: number } | undefined {
  const integer = { Int16: 4, Int32: 9, Int64: 18 }[type];
  if (integer !== undefined) return { any: integer, most: integer + 1, scale: 0 };
  const decimal = /^Decimal\((\d+), (\d+)\)$/.exec(type);
  if (decimal === null) return undefined;
  const whole = Number(decimal[1]) - Number(decimal[2]);
  return { any: whole, most: whole, scale: Number(decimal[2]) };
}

/** Without Nullable(...). */
export function bare(type: string): string {
  return isNullable(type) ? type.slice("Nullable(".length, -1) : type;
}

function isNullable(type: string): boolean {
  return type.startsWith("Nullable(");
}

export function nullable(type: string): string {
  return isNullable(type) ? type : `Nullable(${type})`;
}
