/** Delta statistics of a data file from its Parquet footer, as the engine shows it (format ParquetMetadata). */
import type { StoredColumn } from "./schema.ts";

/** Statistics of one column chunk; min and max in the engine's spelling. */
export type ChunkStatistics = readonly [
  path: string,
  nullCount: string | number | null,
  min: string | null,
  max: string | null,
];

/** Columns with statistics, as other Delta writers do by default. */
const indexedColumns = 32;
/** Longer texts get no minimum and maximum: cutting a maximum would have to round it up. */
const longestText = 64;

/**
 * The stats JSON of one file. Delta wants: nullCount per column (else Spark skips nothing), timestamps as milliseconds with Z,
 * decimals and 64-bit integers as bare numbers. Floats get none (the footer's text is rounded, NaN has no order).
 */
export function statsJson(
  rows: number,
  rowGroups: readonly (readonly ChunkStatistics[])[],
  columns: readonly StoredColumn[],
): string {
  const mins: string[] = [];
  const maxs: string[] = [];
  const nulls: string[] = [];
  const chunks = chunksByColumn(rowGroups);
  for (const column of columns.slice(0, indexedColumns)) {
    const own = chunks.get(column.name);
    const read = reader(column.storage);
    if (own === undefined || read === undefined) continue;
    const name = JSON.stringify(column.name);
    const nullCount = own.reduce((sum, [, count]) => sum + Number(count ?? 0), 0);
    nulls.push(`${name}:${nullCount}`);
    if (nullCount === rows || read === nothing) continue;
    const bounds = boundsOf(own, read);
    if (bounds === undefined) continue;
    mins.push(`${name}:${bounds.min}`);
    maxs.push(`${name}:${bounds.max}`);
  }
  return `{"numRecords":${rows},"minValues":{${mins}},"maxValues":{${maxs}},"nullCount":{${nulls}}}`;
}

function chunksByColumn(groups: readonly (readonly ChunkStatistics[])[]): Map<string, ChunkStatistics[]> {
  const chunks = new Map<string, ChunkStatistics[]>();
  for (const group of groups)
    for (const chunk of group) {
      const own = chunks.get(chunk[0]);
      if (own === undefined) chunks.set(chunk[0], [chunk]);
      else own.push(chunk);
    }
  return chunks;
}

/** Turns the footer's text into a comparable value and its JSON; undefined: no bound can be given. */
interface Reader {
  readonly value: (text: string) => bigint | string | undefined;
  readonly json: (value: bigint | string, isMax: boolean) => string;
}

function boundsOf(
  chunks: readonly ChunkStatistics[],
  read: Reader,
): { min: string; max: string } | undefined {
  let min: bigint | string | undefined;
  let max: bigint | string | undefined;
  for (const [, , low, high] of chunks) {
    if (low === null && high === null) continue;
    const first = low === null ? undefined : read.value(low);
    const last = high === null ? undefined : read.value(high);
    if (first === undefined || last === undefined) return undefined;
    if (min === undefined || less(first, min)) min = first;
    if (max === undefined || less(max, last)) max = last;
  }
  if (min === undefined || max === undefined) return undefined;
  return { min: read.json(min, false), max: read.json(max, true) };
}

/** Texts compare by their UTF-8 bytes, as Parquet orders them. */
function less(a: bigint | string, b: bigint | string): boolean {
  if (typeof a === "string" && typeof b === "string")
    return Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0;
  return a < b;
}

const nothing: Reader = { value: () => undefined, json: () => "" };
const integer: Reader = { value: wholeNumber, json: (value) => String(value) };
const date: Reader = { value: wholeNumber, json: (value) => JSON.stringify(isoDay(Number(value))) };
const instant: Reader = {
  value: wholeNumber,
  json: (value, isMax) => JSON.stringify(isoInstant(BigInt(value), isMax)),
};
const string: Reader = {
  value: (text) => (text.length > longestText || text.includes("\uFFFD") ? undefined : text),
  json: (value) => JSON.stringify(value),
};

function reader(storage: string): Reader | undefined {
  const type = storage.startsWith("Nullable(") ? storage.slice("Nullable(".length, -1) : storage;
  if (/^(Array|Map|Tuple)\(/.test(type)) return undefined;
  if (/^Int\d+$/.test(type)) return integer;
  if (type === "String") return string;
  if (type === "Date32") return date;
  if (type.startsWith("DateTime64")) return instant;
  const decimal = /^Decimal\((\d+), (\d+)\)$/.exec(type);
  if (decimal !== null) {
    const scale = Number(decimal[2]);
    return { value: bigEndian, json: (value) => decimalText(BigInt(value), scale) };
  }
  return nothing;
}

function wholeNumber(text: string): bigint | undefined {
  return /^-?\d+$/.test(text) ? BigInt(text) : undefined;
}

/** "0 0 1 44 " -> 300: the bytes of a decimal, most significant first, two's complement. */
function bigEndian(text: string): bigint | undefined {
  const bytes = text.trim().split(" ").map(Number);
  if (bytes.length === 0 || bytes.some((byte) => !Number.isInteger(byte) || byte < 0 || byte > 255))
    return undefined;
  const value = bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  return BigInt.asIntN(bytes.length * 8, value);
}

function decimalText(value: bigint, scale: number): string {
  if (scale === 0) return String(value);
  const digits = String(value < 0n ? -value : value).padStart(scale + 1, "0");
  return `${value < 0n ? "-" : ""}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

function isoDay(days: number): string {
  return new Date(days * 86_400_000).toISOString().slice(0, 10);
}

/** Statistics hold milliseconds: the minimum is rounded down, the maximum up. */
function isoInstant(micros: bigint, up: boolean): string {
  const floor = micros / 1000n - (micros % 1000n < 0n ? 1n : 0n);
  const millis = up && micros > floor * 1000n ? floor + 1n : floor;
  return new Date(Number(millis)).toISOString();
}
