/** The lake's public names. */
export type { Removal, TableChange } from "./change.ts";
export type { Changes } from "./changes.ts";
export { type Lake, type LakeOptions, openLake } from "./lake.ts";
export { localStore } from "./local-store.ts";
export { partitionValueSql } from "./partition.ts";
export type { ReadOptions } from "./read.ts";
export { type KeptFiles, readStaged } from "./read-staged.ts";
export { type S3Options, s3Store } from "./s3-store.ts";
export type { Snapshot } from "./snapshot.ts";
export type { StagedFiles, StageInput } from "./stage.ts";
export type { DataFile } from "./state.ts";
export type { LakeStore, StoredObject } from "./store.ts";
export type { LakeTable } from "./table.ts";
