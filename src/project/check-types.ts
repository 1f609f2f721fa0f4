/** The check types a header may name, and the quality dimension each one measures. A test compares this with the registry. */
import type { Dimension } from "../api/checks.ts";

export const checkTypes: Readonly<Record<string, Dimension>> = {
  not_null: "completeness",
  unique: "uniqueness",
  relationships: "consistency",
  accepted_values: "validity",
  accepted_range: "validity",
  regex: "validity",
  type: "validity",
  row_count: "completeness",
  freshness: "timeliness",
  volume: "completeness",
  reconciliation: "accuracy",
  rejected: "validity",
  sql: "consistency",
};

export const dimensions = [
  "completeness",
  "uniqueness",
  "validity",
  "consistency",
  "accuracy",
  "timeliness",
] as const satisfies readonly Dimension[];
