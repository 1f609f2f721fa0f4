/** What a change of a PostgreSQL table's columns does to bronze: the types that fit, and the words. */
import type { Column } from "../../../engine/engine.ts";
import { ShoplakeError } from "../../../util/errors.ts";
import { isPlatformColumn } from "../../reserved-names.ts";
import {
  type AgreedColumns,
  agreeOnColumns,
  bare,
  type ColumnChange,
  type SchemaPolicy,
} from "../../schema-policy.ts";
import { deletedColumn, type ResolvedTable } from "./table.ts";
import type { ColumnReader } from "./types.ts";

/** What messages say of a table. */
type ChangedTable = Pick<ResolvedTable, "where" | "dataset" | "options">;

/** The columns to copy, by the policy. Throws `source` for what it refuses. */
export function reconcileColumns(
  readers: readonly ColumnReader[],
  bronze: readonly Column[] | undefined,
  policy: SchemaPolicy,
  table: ChangedTable,
): AgreedColumns<ColumnReader> {
  const read = new Set(readers.map(({ name }) => name));
  const isOwn = (name: string) => isPlatformColumn(name) || (name === deletedColumn.name && !read.has(name));
  const known = bronze?.filter(({ name }) => !isOwn(name));
  return agreeOnColumns(readers, known, {
    policy,
    common: (before, found) => (holds(before, found) ? before : holds(found, before) ? found : undefined),
    changed: (added, gone) => changed(added, gone, table.where),
    unfit: (found, before) => unfit(found, before, { policy, table }),
  });
}

/** What is told about columns that came or went. */
export function warningsOf(
  { added, gone }: AgreedColumns<ColumnReader>,
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

/** The columns that are gone or became text: what models that read them would notice. */
export function changesForReaders(
  { taken, gone }: AgreedColumns<ColumnReader>,
  bronze: readonly Column[],
): ColumnChange[] {
  const before = new Map(bronze.map(({ name, type }) => [name, bare(type)]));
  const added = taken.filter(({ name }) => !before.has(name)).map(({ name }) => name);
  const news = added.length > 0 ? `New there: ${added.join(", ")}. ` : "";
  return [
    ...gone.map(({ name }) => ({
      name,
      said: `Column ${name} (${before.get(name)}) is gone from the source`,
      hint: `${news}Bring the column back. When it is gone for good, list it under retired: it is NULL from then on, and the models may keep reading its older values.`,
    })),
    ...taken
      .filter(({ name, type }) => bare(type) === "String" && (before.get(name) ?? "String") !== "String")
      .map(({ name, declared }) => ({
        name,
        said: `Column ${name} has another type now: ${declared} (String); bronze holds ${before.get(name)}`,
        hint: `Change the column back. When it shall be text, list it under asText and cast it in the models.`,
      })),
  ];
}

function unfit(
  { name, declared, type }: ColumnReader,
  before: Column,
  {
    policy,
    table: { where, dataset, options },
  }: { readonly policy: SchemaPolicy; readonly table: ChangedTable },
): ShoplakeError {
  const isCursor = options.cursor === name;
  const old = bare(before.type);
  return new ShoplakeError(
    "source",
    `Column ${name} has another type now: ${declared} (${bare(type)}); bronze holds ${old}.`,
    {
      where,
      allowed:
        policy === "evolve"
          ? `${old}, or a type that holds all its values`
          : `${old}: schemaPolicy is "${policy}"`,
      hint: `To take over the new type, read the table again from the start: shoplake reload ${dataset}. Or change the column back${isCursor ? "" : ", or list it under asText"}.`,
    },
  );
}

function changed(added: readonly Column[], gone: readonly Column[], where: string): ShoplakeError {
  const changes = [
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
