/** What a check is and what it reports. A check is a query for bad rows; zero rows = pass. */

import type { Dimension } from "../project/dimensions.ts";

export type { Dimension } from "../project/dimensions.ts";

export type Severity = "warn" | "error";
export type CheckStatus = "pass" | "warn" | "fail" | "error" | "skipped";

/** A check as the project declares it, complete (defaults filled in). */
export interface CheckSpec {
  /** Unique within the dataset: "not_null_order_id", "checks/no_future_orders". */
  readonly name: string;
  /** Key of the registry: "not_null", "unique", "relationships", ..., "sql". */
  readonly type: string;
  /** The column it stands under; undefined for table checks. */
  readonly column?: string;
  /** Arguments of the type, as in the header: { to: "silver.customers.customer_id" }, { min: 1 }. */
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly severity: Severity;
  /** Only rows for which this SQL condition holds are looked at. */
  readonly where?: string;
  /** Bad rows allowed before it counts, in rows or percent of the rows looked at. Default 0 rows. */
  readonly threshold?: { readonly rows: number } | { readonly percent: number };
  readonly dimension: Dimension;
  /** Where it is written: "models/silver/orders.sql:9". */
  readonly location: string;
}

/** Field names follow Great Expectations' result format. */
export interface CheckResult {
  readonly dataset: string;
  readonly name: string;
  readonly type: string;
  readonly column?: string;
  readonly severity: Severity;
  readonly dimension: Dimension;
  readonly status: CheckStatus;
  readonly success: boolean;
  readonly element_count: number;
  readonly unexpected_count: number;
  readonly unexpected_percent: number;
  /** Up to five bad rows. */
  readonly sample: readonly Record<string, unknown>[];
  /** The statement that finds the bad rows, runnable by hand once published. */
  readonly query: string;
  readonly location: string;
  readonly message: string;
}
