/** The faults that rows have on purpose. Every kind takes rows of its own; a row has its fault from its first version on. */
/** The kinds of each table. `wrong_type` is found in text files only: no database column takes such a value. */
export const faultKinds = {
  customers: ["duplicate_email", "invalid_email", "future_registration", "wrong_type"],
  products: ["price_below_cost", "wrong_type"],
  marketing_campaigns: [
    "clicks_above_impressions",
    "conversions_above_clicks",
    "ends_before_start",
    "wrong_roi",
    "wrong_type",
  ],
  orders: [
    "negative_total",
    "fulfilled_too_early",
    "cancelled_but_fulfilled",
    "future_order_date",
    "unknown_customer",
    "wrong_type",
  ],
  order_items: ["unknown_order", "unknown_product", "wrong_line_total", "negative_quantity", "wrong_type"],
  inventory_transactions: ["wrong_sign", "unknown_product", "wrong_type"],
} as const;

/** Name of a table that has bad rows. */
export type FaultyTable = keyof typeof faultKinds;
/** The faults that rows of one table may have. */
export type FaultOf<Table extends FaultyTable> = (typeof faultKinds)[Table][number];
