/** What the rows of a dataset version add up to. */
import { createHash } from "node:crypto";
import { ident } from "../../engine/sql.ts";
import type { SinkInput } from "../sink.ts";
import type { TargetColumn } from "./types.ts";

/** How many rows there are, and sum and XOR of their hashes, 128 bits together. Numbers as text. */
export interface Totals {
  /** How many. */
  readonly rows: string;
  /** Of the hashes, modulo 2^64. */
  readonly sum: string;
  /** Of the hashes, bit by bit. */
  readonly xor: string;
}

/** Of no rows. */
export const noTotals: Totals = { rows: "0", sum: "0", xor: "0" };

/**
 * One UInt64 for each row, of all columns. In a tuple NULL counts like any other value; as an argument of its own it would make
 * the whole hash NULL. Documents are hashed as the text that is delivered.
 */
export function rowHash(columns: readonly TargetColumn[]): string {
  const values = columns.map(({ name, type, select }) => (type === "jsonb" ? select : ident(name)));
  return `cityHash64(tuple(${values.join(", ")}))`;
}

/** SELECT list for `Totals`; `hash` is an expression over one row. */
export function totalsOf(hash: string): string {
  return `count() AS rows, sum(${hash}) AS sum, groupBitXor(${hash}) AS xor`;
}

/** Of the rows, with the key, names and types that they have. */
export function contentId(totals: Totals, input: SinkInput, columns: readonly TargetColumn[]): string {
  const types = new Map(input.columns.map(({ name, type }) => [name, type]));
  const shape = columns.map(({ name, type, notNull }) => [name, type, notNull, types.get(name)]);
  return digest([totals.rows, totals.sum, totals.xor, input.key, shape]);
}

/** 40 hex digits of SHA-256 over the JSON text. */
export function digest(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 40);
}
