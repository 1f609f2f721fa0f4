/** An error as plain data: what of it is shown, sent and recorded. */
import { z } from "zod";

/** What of an error is shown and recorded. */
export interface PlainError {
  /** Stable: one of the codes of docs/errors.md. */
  readonly code: string;
  /** What happened, with what was given. */
  readonly message: string;
  /** "models/silver/orders.sql:12", "silver.orders", "inbox/a.csv.gz:88" */
  readonly where?: string;
  /** What would have been right. */
  readonly allowed?: string;
  /** What to do now. */
  readonly hint?: string;
}

/** Checks a `PlainError`. */
export const plainErrorSchema: z.ZodType<PlainError> = z.strictObject({
  code: z.string(),
  message: z.string(),
  where: z.string().exactOptional(),
  allowed: z.string().exactOptional(),
  hint: z.string().exactOptional(),
});
