/** Where a check is written, for messages. */
import type { Problem } from "../util/errors.ts";

/** "models/silver/orders.sql:9" -> { file, line }; a text without a line is the file. */
export function placeOf(location: string): Pick<Problem, "line"> & { readonly file: string } {
  const match = /^(.*):(\d+)$/.exec(location);
  return match ? { file: match[1] ?? "", line: Number(match[2]) } : { file: location };
}
