/** Partitions in SQL. */
import { text } from "../../engine/sql.ts";

/** The condition that picks partitions by the text of their value; '' is NULL. */
export function partitionCondition(partitionBy: string, partitions: readonly string[]): string {
  return `ifNull(toString(${partitionBy}), '') IN (${partitions.map(text).join(", ")})`;
}
