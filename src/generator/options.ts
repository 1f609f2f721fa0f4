/** How large a shop is and what is wrong with it. */

export interface ShopOptions {
  /** The same seed and options give the same rows. Default 1. */
  readonly seed?: number;
  /** Default 1,000. */
  readonly customers?: number;
  /** Default 200. */
  readonly products?: number;
  /** Default 5,000. */
  readonly orders?: number;
  /** Months of history. Default 24. */
  readonly months?: number;
  /** The moment after the last order. */
  readonly until: Date;
  /** ISO 4217 code of all amounts. Default "EUR". */
  readonly currency?: string;
  /** Of 1,000 rows of a table, how many have each kind of fault (at least one row, when not 0). Default 2. */
  readonly faults?: number;
}

export interface ShopPlan extends Required<ShopOptions> {
  /** Milliseconds since 1970 of the first day of history. */
  readonly start: number;
  /** Milliseconds from `start` to `until`. */
  readonly span: number;
}

export const day = 86_400_000;

export function shopPlan(options: ShopOptions): ShopPlan {
  const months = options.months ?? 24;
  const span = Math.round(months * 30.4375) * day;
  return {
    seed: 1,
    customers: 1000,
    products: 200,
    orders: 5000,
    currency: "EUR",
    faults: 2,
    ...options,
    months,
    span,
    start: options.until.getTime() - span,
  };
}
