/** A generated table: its definition in PostgreSQL and its rows, made one at a time. */

/** Dates are instants; money is text, made from whole cents by `amount`. */
export type Cell = string | number | boolean | Date | null;

export interface GeneratedTable {
  readonly name: string;
  /** Column name -> PostgreSQL type with NOT NULL and the like. */
  readonly columns: Readonly<Record<string, string>>;
  readonly key: string;
  /**
   * Constraints that the shop declares but that some of its rows break: they are added after loading as NOT VALID,
   * like in a database whose rules came later than its rows.
   */
  readonly constraints: readonly string[];
  rows(): Iterable<object>;
}

/** A table whose columns are the properties of its rows. */
export interface TableOf<Row> extends GeneratedTable {
  readonly columns: Readonly<Record<keyof Row & string, string>>;
  readonly key: keyof Row & string;
  rows(): Iterable<Row & object>;
}

/** Cents -> decimal text: 1299 -> "12.99", -5 -> "-0.05". */
export function amount(cents: number): string {
  const digits = String(Math.abs(cents)).padStart(3, "0");
  return `${cents < 0 ? "-" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
