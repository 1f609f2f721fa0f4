/** The lake's public names. */
export type { Removal, TableChange } from "./delta/change.ts";
export type { Changes } from "./delta/changes.ts";
export type { HistoryEntry } from "./delta/history.ts";
export type { Snapshot } from "./delta/snapshot.ts";
export type { DataFile } from "./delta/state.ts";
export type { LakeTable } from "./delta/table.ts";
export { type Lake, type LakeOptions, openLake } from "./lake.ts";
export { partitionValueSql } from "./partition.ts";
export type { ReadOptions } from "./read.ts";
export { type KeptFiles, readStaged } from "./read-staged.ts";
export type { StagedFiles, StageInput } from "./stage.ts";
export { localStore } from "./store/local.ts";
export { type S3Options, s3Store } from "./store/s3.ts";
export type { LakeStore, StoredObject } from "./store/store.ts";
