/** What a KPI is: rows computed from a shop. */
import type { Shop } from "./shop.ts";

/** Counts and ids are numbers; amounts and ratios are decimals as text, days are text: "12.50", "2026-06-30". */
export type Row = Readonly<Record<string, string | number | null>>;

/** Names of whole numbers: how many days back, how many rows at most. */
export type Parameters = Readonly<Record<string, number>>;

/** A figure as one table of rows. */
export interface Kpi<Values extends Parameters = Parameters> {
  /** Parameters with the values that hold when none are given. */
  readonly defaults: Values;
  /** Values that are not given are the defaults. */
  readonly rows: (shop: Shop, given?: Partial<Values>) => readonly Row[];
}

/** `kpi({ days: 30 }, (shop, { days }) => ...)` */
export function kpi<Values extends Parameters>(
  defaults: Values,
  rows: (shop: Shop, values: Values) => readonly Row[],
): Kpi<Values> {
  return { defaults, rows: (shop, given = {}) => rows(shop, { ...defaults, ...given }) };
}
