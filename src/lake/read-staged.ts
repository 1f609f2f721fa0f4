/** Reads what a table would hold if staged files were committed; checks look at it before anybody else can. */

import type { Snapshot } from "./delta/snapshot.ts";
import type { DataFile } from "./delta/state.ts";
import { filesExpression } from "./read.ts";
import type { StagedFiles } from "./stage.ts";
import type { LakeStore } from "./store/store.ts";

/** Published files that stay. */
export interface KeptFiles {
  /** The version that they belong to. */
  readonly base: Snapshot;
  /** Some or all of its files. */
  readonly files: readonly DataFile[];
}

/** A table expression over the staged rows, together with the published rows that stay, in the columns of what is staged. */
export function readStaged(store: LakeStore, staged: StagedFiles, kept?: KeptFiles): string {
  const { dataset, columns } = staged;
  const partition = kept?.base.log.metadata.partitionColumns[0];
  return filesExpression(store, { dataset, columns, partition }, [...(kept?.files ?? []), ...staged.files]);
}
