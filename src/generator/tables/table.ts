/** How objects of the simulation become rows: the definition of a table in PostgreSQL, and each column's value. */

/** Instants and days are text, and so is money ("12.99"). */
export type Cell = string | number | boolean | null;

/** A column and where its values come from. */
export interface Column<Row> {
  /** Type in PostgreSQL, with NOT NULL and the like. */
  readonly type: string;
  /** Of one row, as `COPY` takes it. */
  readonly value: (row: Row) => Cell;
}

/** A rule that PostgreSQL enforces. */
export interface Constraint {
  /** As in ALTER TABLE ... ADD. */
  readonly sql: string;
  /** The fault whose rows break it: it is declared in a shop without faults only. */
  readonly brokenBy?: string;
}

/** A table of the shop and how its rows are made. */
export interface Table<Row> {
  /** In PostgreSQL, and of the folder of its files. */
  readonly name: string;
  /** The column that identifies a row. */
  readonly key: string;
  /** The column that says when a row was written last. */
  readonly cursor: string;
  /** In their order. */
  readonly columns: Readonly<Record<string, Column<Row>>>;
  /** Declared after the rows are there. */
  readonly constraints: readonly Constraint[];
  /** The value that takes the place of a good one in a row with the fault `wrong_type`. */
  readonly wrongType: { readonly column: string; readonly value: string };
  /** The nullable column that some daily files lack. */
  readonly optional: string;
}

/** Cents -> decimal text: 1299 -> "12.99", -5 -> "-0.05". */
export function decimal(cents: number): string {
  const whole = Math.trunc(Math.abs(cents) / 100);
  const rest = Math.abs(cents) % 100;
  return `${cents < 0 ? "-" : ""}${whole}.${twoDigits[rest]}`;
}

const twoDigits = Array.from({ length: 100 }, (_, number) => String(number).padStart(2, "0"));
const threeDigits = Array.from({ length: 1000 }, (_, number) => String(number).padStart(3, "0"));

/** Milliseconds since 1970 -> "2026-06-30T12:00:00.000Z". Faster than Date for many moments of few days. */
export function instant(moment: number): string {
  const day = Math.floor(moment / 86_400_000);
  const rest = moment - day * 86_400_000;
  const [hour, minute] = [Math.floor(rest / 3_600_000), Math.floor(rest / 60_000) % 60];
  const second = Math.floor(rest / 1000) % 60;
  return `${dayPart(day)}T${twoDigits[hour]}:${twoDigits[minute]}:${twoDigits[second]}.${threeDigits[rest % 1000]}Z`;
}

/** The same as `instant` for a moment that may not have come. */
export function instantOrNull(moment: number | null): string | null {
  return moment === null ? null : instant(moment);
}

const dayParts = new Map<number, string>();

function dayPart(day: number): string {
  let text = dayParts.get(day);
  if (text === undefined) {
    text = new Date(day * 86_400_000).toISOString().slice(0, 10);
    dayParts.set(day, text);
  }
  return text;
}
