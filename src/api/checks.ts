/** What a check is and what it reports. A check is a query for bad rows; zero rows = pass. */
import { z } from "zod";
import { type Dimension, dimensions } from "./dimensions.ts";

export type { Dimension } from "./dimensions.ts";

/** `error` stops the publication, `warn` does not. */
export type Severity = "warn" | "error";

/** `error`: the check itself could not be evaluated; `skipped`: there was nothing to compare with. */
export type CheckStatus = "pass" | "warn" | "fail" | "error" | "skipped";

/** A check as the project declares it, complete (defaults filled in). */
export interface CheckSpec {
  /** Unique within the dataset: "not_null_order_id", "checks/no_future_orders". */
  readonly name: string;
  /** Key of the registry: "not_null", "unique", "relationships", ..., "sql". */
  readonly type: string;
  /** The column it is declared under; undefined for table checks. */
  readonly column?: string;
  /** Datasets that the SQL of a free-form check reads, from the engine's parser; absent until it is resolved, and of other types. */
  readonly reads?: readonly string[];
  /** Arguments of the type, as in the header: { to: "silver.customers.customer_id" }, { min: 1 }. */
  readonly arguments: Readonly<Record<string, unknown>>;
  /** What a failure does. */
  readonly severity: Severity;
  /** Only rows for which this SQL condition holds are looked at. */
  readonly where?: string;
  /** Bad rows allowed before it counts, in rows or percent of the rows looked at. Default 0 rows. */
  readonly threshold?: { readonly rows: number } | { readonly percent: number };
  /** What it measures. */
  readonly dimension: Dimension;
  /** Where it is written: "models/silver/orders.sql:9". */
  readonly location: string;
}

/** What one check found. Field names follow Great Expectations' result format. */
export interface CheckResult {
  /** "silver.orders" */
  readonly dataset: string;
  /** As in its `CheckSpec`. */
  readonly name: string;
  /** As in its `CheckSpec`. */
  readonly type: string;
  /** Absent for table checks. */
  readonly column?: string;
  /** As in its `CheckSpec`. */
  readonly severity: Severity;
  /** As in its `CheckSpec`. */
  readonly dimension: Dimension;
  /** The verdict. */
  readonly status: CheckStatus;
  /** True when nothing has to be done about it. */
  readonly success: boolean;
  /** Rows looked at. */
  readonly element_count: number;
  /** Bad rows among them. */
  readonly unexpected_count: number;
  /** Of the rows looked at, 0 to 100. */
  readonly unexpected_percent: number;
  /** Up to five bad rows. */
  readonly sample: readonly Record<string, unknown>[];
  /** The statement that finds the bad rows, runnable by hand once published. */
  readonly query: string;
  /** As in its `CheckSpec`. */
  readonly location: string;
  /** Why, for a person; "" when the counts say it all. */
  readonly message: string;
}

const dimension: z.ZodType<Dimension> = z.enum(dimensions);

/** Checks a `CheckResult`. */
export const checkResultSchema: z.ZodType<CheckResult> = z.strictObject({
  dataset: z.string(),
  name: z.string(),
  type: z.string(),
  column: z.string().exactOptional(),
  severity: z.enum(["warn", "error"]),
  dimension,
  status: z.enum(["pass", "warn", "fail", "error", "skipped"]),
  success: z.boolean(),
  element_count: z.number().int().nonnegative(),
  unexpected_count: z.number().int().nonnegative(),
  unexpected_percent: z.number().nonnegative(),
  sample: z.array(z.record(z.string(), z.unknown())),
  query: z.string(),
  location: z.string(),
  message: z.string(),
});

/** Checks what `shoplake check --json` prints. */
export const checkDocumentSchema = z.strictObject({
  results: z.array(checkResultSchema),
  scores: z.array(
    z.object({
      dataset: z.string(),
      /** 0 to 1, of the measured dimensions only. */
      dimensions: z.partialRecord(z.enum(dimensions), z.number().min(0).max(1)),
      /** Absent: nothing was measured. */
      score: z.number().min(0).max(1).exactOptional(),
      badge: z.enum(["green", "yellow", "red", "none"]),
    }),
  ),
});
