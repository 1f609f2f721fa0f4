/** Rows of the quarantine as people and programs see them. */

/** `open`: still rejected; `replayed`: no longer rejected; `discarded`: a person gave it up. */
export type QuarantineStatus = "open" | "replayed" | "discarded";

/** A reject, equal ones together, as `ops.quarantine` has it. */
export interface QuarantineRow {
  /** Hash of dataset, rule, source_ref and raw: the same reject has the same id in every run. */
  readonly id: string;
  /** That it was meant for. */
  readonly dataset: string;
  /** `run_id` and `task_id` are those of the newest sighting. */
  readonly run_id: string;
  readonly task_id: string;
  /** The first rule that it breaks; `invalid_<column>` for a value without the declared type. */
  readonly rule: string;
  /** Of data quality: "validity", ... */
  readonly dimension: string;
  /** One sentence for a person. */
  readonly reason: string;
  /** The row as it arrived. */
  readonly raw: string;
  /** "base64" when the original bytes are not UTF-8. */
  readonly raw_encoding: "utf8" | "base64";
  /** Where it came from: "inbox/a.csv:17", or its key. */
  readonly source_ref: string;
  /** "order_id=17, line=2"; "" without a key. */
  readonly key: string;
  /** `first_seen_at` and `last_seen_at`: UTC, "2026-11-21 16:40:10.123". */
  readonly first_seen_at: string;
  readonly last_seen_at: string;
  /** Publications that rejected it. */
  readonly attempts: number;
  /** Equal rows behind it in the publications that count now; 0 when none rejects it any more. */
  readonly occurrences: number;
  /** Derived when it is read, never stored. */
  readonly status: QuarantineStatus;
}

/** Which rejects; all conditions must hold. Default: all rejects. */
export interface QuarantineFilter {
  /** Whole names: of the `dataset`, of the `rule`, of the `status`. Default: any. */
  readonly dataset?: string;
  readonly rule?: string;
  readonly status?: QuarantineStatus;
  /** Default 100; `discard` and `counts` take no notice of it. */
  readonly limit?: number;
}

/** How many rejects there are of one kind. */
export interface QuarantineCount {
  /** The kind: all of them have this `dataset`, `rule` and `status`. */
  readonly dataset: string;
  readonly rule: string;
  readonly status: QuarantineStatus;
  /** Different ones: equal rows count once. */
  readonly rejects: number;
  /** `first_seen_at` of the oldest. */
  readonly oldest: string;
}
