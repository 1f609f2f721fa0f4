/** Reads of an input only the rows that the stale partitions of a dataset depend on. */

import type { Origin } from "../../analysis/locality.ts";
import type { DataFile } from "../../lake/lake.ts";
import type { Reading } from "../context.ts";
import { partitionCondition } from "../target/partitions.ts";
import type { BoundSource } from "./bound-select.ts";
import type { Input } from "./inputs.ts";

interface Stale {
  /** The expression over the input whose value is that of the dataset's partition. */
  readonly origin: Origin;
  readonly partitions: readonly string[];
}

/** Whole files fall away when the input is partitioned by the same expression. */
export function narrowed(task: Reading, input: Input, { origin, partitions }: Stale): BoundSource {
  const { dataset, snapshot } = input;
  const condition = partitionCondition(origin.expression, partitions);
  if (snapshot === undefined) return { dataset, from: `(SELECT * FROM ${input.from} WHERE ${condition})` };
  const files = same(snapshot.partitionBy, origin.expression)
    ? snapshot.files.filter(holds(partitions))
    : snapshot.files;
  return {
    dataset,
    from: `(SELECT * FROM ${task.host.lake.table(dataset).read(snapshot, { files })} WHERE ${condition})`,
  };
}

/** Picks the data files of partitions; '' is the partition of NULL. */
export function holds(partitions: readonly string[]): (file: DataFile) => boolean {
  const wanted = new Set(partitions);
  return (file) => wanted.has(Object.values(file.partition)[0] ?? "");
}

/** The same expression but for blanks and quotes. A difference that is none costs time, not rows. */
function same(a: string | undefined, b: string): boolean {
  const plain = (sql: string): string => sql.replace(/[\s`]/g, "");
  return a !== undefined && plain(a) === plain(b);
}
