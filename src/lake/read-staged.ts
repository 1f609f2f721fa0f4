/** Reads what a table would hold if staged files were committed; checks look at it before anybody else can. */
import { filesExpression } from "./read.ts";
import type { Snapshot } from "./snapshot.ts";
import type { StagedFiles } from "./stage.ts";
import type { DataFile } from "./state.ts";
import type { LakeStore } from "./store.ts";

/** Published files that stay. */
export interface KeptFiles {
  readonly base: Snapshot;
  readonly files: readonly DataFile[];
}

/** A table expression over the staged rows, together with the published rows that stay, in the columns of what is staged. */
export function readStaged(store: LakeStore, staged: StagedFiles, kept?: KeptFiles): string {
  const { dataset, columns } = staged;
  const partition = kept?.base.log.metadata.partitionColumns[0];
  return filesExpression(store, { dataset, columns, partition }, [...(kept?.files ?? []), ...staged.files]);
}
