/** Values of query parameters as the text that ClickHouse's HTTP interface reads. */
import type { ParameterValue } from "./engine.ts";

/**
 * The text of one value, in escaped form (as in TabSeparated): `it's` stays, a tab becomes `\t`, null `\N`.
 * Arrays are written as literals: `['a','b']`. A Date is a Unix timestamp, the same instant in any time zone.
 */
export function parameterText(value: ParameterValue): string {
  if (value === null) return "\\N";
  if (typeof value === "string") return escape(value);
  return isList(value) ? escape(literal(value)) : plain(value);
}

/** Inside an array. */
function literal(value: ParameterValue): string {
  if (value === null) return "NULL";
  if (typeof value === "string") return `'${value.replace(/[\\']/g, "\\$&")}'`;
  return isList(value) ? `[${value.map(literal).join(",")}]` : plain(value);
}

function plain(value: number | boolean | bigint | Date): string {
  if (value instanceof Date) return timestamp(value);
  if (typeof value === "boolean") return value ? "1" : "0";
  if (value === Number.POSITIVE_INFINITY) return "inf";
  if (value === Number.NEGATIVE_INFINITY) return "-inf";
  return String(value).replace("NaN", "nan");
}

/** Seconds, at least ten digits, with milliseconds when there are any. */
function timestamp(date: Date): string {
  const [milliseconds, seconds] = [date.getTime() % 1000, Math.floor(date.getTime() / 1000)];
  const whole = String(seconds).padStart(10, "0");
  return milliseconds === 0 ? whole : `${whole}.${String(milliseconds).padStart(3, "0")}`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  "\t": "\\t",
  "\n": "\\n",
  "\r": "\\r",
  "\0": "\\0",
  "\b": "\\b",
  "\f": "\\f",
};

function escape(value: string): string {
  return value.replace(/[\\\t\n\r\0\b\f]/g, (character) => ESCAPES[character] ?? character);
}

function isList(value: ParameterValue): value is readonly ParameterValue[] {
  return Array.isArray(value);
}
