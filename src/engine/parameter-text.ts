/** Values of query parameters as the text that ClickHouse's HTTP interface reads. */
import type { ParameterValue } from "./engine.ts";

/**
 * The text of one value, escaped as in TabSeparated: a tab becomes `\t`, null `\N`. Arrays are written with quoted elements:
 * `['a','b']`. A Date is a Unix timestamp, the same instant in any time zone.
 */
export function parameterText(value: ParameterValue): string {
  if (value === null) return "\\N";
  if (typeof value === "string") return escaped(value);
  return isList(value) ? element(value) : plain(value);
}

function element(value: ParameterValue): string {
  if (value === null) return "NULL";
  if (typeof value === "string") return `'${escaped(value)}'`;
  return isList(value) ? `[${value.map(element).join(",")}]` : plain(value);
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
  const seconds = Math.floor(date.getTime() / 1000);
  const milliseconds = date.getTime() - seconds * 1000;
  const whole = String(seconds).padStart(10, "0");
  return milliseconds === 0 ? whole : `${whole}.${String(milliseconds).padStart(3, "0")}`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  "'": "\\'",
  "\t": "\\t",
  "\n": "\\n",
  "\r": "\\r",
  "\0": "\\0",
  "\b": "\\b",
  "\f": "\\f",
};

function escaped(value: string): string {
  return value.replace(/[\\'\t\n\r\0\b\f]/g, (character) => ESCAPES[character] ?? character);
}

function isList(value: ParameterValue): value is readonly ParameterValue[] {
  return Array.isArray(value);
}
