/** What a check can measure. The only list of it. */

/** The six quality dimensions, in the order in which they are shown. */
export const dimensions = [
  "completeness",
  "uniqueness",
  "validity",
  "consistency",
  "accuracy",
  "timeliness",
] as const;

/** One of `dimensions`. */
export type Dimension = (typeof dimensions)[number];
