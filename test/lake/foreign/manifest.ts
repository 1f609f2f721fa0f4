/** What the foreign readers are given, and how our own rows become the text they are compared with. */
import type { Engine } from "../../../src/engine/engine.ts";
import { ident } from "../../../src/engine/sql.ts";
import type { DeltaField, DeltaType } from "../../../src/lake/delta/delta-types.ts";
import { storedColumns } from "../../../src/lake/delta/schema.ts";
import type { Snapshot } from "../../../src/lake/delta/snapshot.ts";
import type { LakeTable } from "../../../src/lake/delta/table.ts";
import { keepType } from "../../../src/lake/types.ts";

export interface ManifestTable {
  readonly name: string;
  readonly path: string;
  readonly fields: readonly { readonly name: string; readonly type: DeltaType }[];
}

/** Rows of one version in the readers' spelling, sorted. Delta has no empty text in a partition column: it is null there. */
export async function canonicalRows(engine: Engine, table: LakeTable, snapshot: Snapshot): Promise<string[]> {
  const stored = storedColumns(snapshot.columns, snapshot.dataset);
  const partition = snapshot.log.metadata.partitionColumns[0];
  const casts = stored.map(({ name, storage }) => {
    const value = name === partition && /String/.test(storage) ? `nullIf(${ident(name)}, '')` : ident(name);
    return `CAST(${value} AS ${storage}) AS ${ident(name)}`;
  });
  const rows = await engine.rows(`SELECT ${casts.join(", ")} FROM ${table.read(snapshot)}`, {
    settings: { output_format_json_quote_denormals: 1, output_format_json_named_tuples_as_objects: 0 },
  });
  const kinds = snapshot.columns.map(({ name, type }) => ({ name, kind: keepType(type, name).delta }));
  return rows
    .map((row) => JSON.stringify(kinds.map(({ name, kind }) => canonical(row[name], kind))))
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

export function fieldsOf(snapshot: Snapshot): { name: string; type: DeltaType }[] {
  return snapshot.columns.map(({ name, type }) => ({ name, type: keepType(type, name).delta }));
}

function canonical(value: unknown, kind: DeltaType): unknown {
  if (value === null || value === undefined) return null;
  if (typeof kind !== "string") return nested(value, kind);
  if (kind === "double" || kind === "float") return bitsOf(numberOf(value), kind);
  if (kind.startsWith("decimal")) return trimmed(String(value));
  if (kind === "boolean" || kind === "string") return value;
  return String(value);
}

function nested(value: unknown, kind: Exclude<DeltaType, string>): unknown {
  if (kind.type === "array") return (value as unknown[]).map((item) => canonical(item, kind.elementType));
  if (kind.type === "map")
    return Object.entries(value as Record<string, unknown>)
      .map(([key, item]) => [canonical(key, kind.keyType), canonical(item, kind.valueType)])
      .sort((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1));
  return kind.fields.map((field: DeltaField, i: number) => canonical((value as unknown[])[i], field.type));
}

/** "-inf" and "inf" are how the engine quotes them. */
function numberOf(value: unknown): number {
  return typeof value === "number" ? value : Number(String(value).replace("inf", "Infinity"));
}

function bitsOf(value: number, kind: "double" | "float"): string {
  if (Number.isNaN(value)) return "nan";
  const bytes = Buffer.alloc(kind === "double" ? 8 : 4);
  if (kind === "double") bytes.writeDoubleBE(value);
  else bytes.writeFloatBE(value);
  return bytes.toString("hex");
}

function trimmed(text: string): string {
  return text.includes(".") ? text.replace(/0+$/, "").replace(/\.$/, "") : text;
}
