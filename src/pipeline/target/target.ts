/**
 * Where a model's rows are published: a lake table or a warehouse table, behind one shape.
 * Both keep the record of a version (input versions, fingerprint, task) in the very step that publishes its rows.
 */

import type { TaskCounts } from "../../api/runs.ts";
import type { Column, QueryOptions } from "../../engine/engine.ts";

/** What a published version says of itself. */
export interface VersionRecord {
  /** Versions of the datasets it was built from. */
  readonly inputs: Readonly<Record<string, number>>;
  readonly fingerprint: number;
}

export interface PublishedState extends VersionRecord {
  readonly version: number;
  /** Table expression that reads the published rows. */
  readonly from: string;
}

/** Which published rows the staged ones replace. A partition is named by the text of its value; '' is NULL. */
export type Replaces = "none" | "all" | { readonly partitions: readonly string[] };

export interface StageRequest {
  /** Yields the model's columns. */
  readonly select: string;
  readonly columns: readonly Column[];
  readonly replaces: Replaces;
  /** What the version will say of itself. */
  readonly record: VersionRecord;
  /** `full`: its rejects supersede all earlier ones; `increment`: they add. */
  readonly mode: "full" | "increment";
  /** The version that is published while it is staged; 0: none. */
  readonly base: number;
  readonly options: QueryOptions;
}

export interface Staged {
  /** Rows written aside. */
  readonly written: number;
  /** Rows of the whole dataset as it will be. */
  readonly total: number;
  /** Of the data files written aside; undefined in the warehouse. */
  readonly bytes?: number;
  /** Table expression over the rows written aside. */
  readonly fresh: string;
  /** Table expression over the whole dataset as it will be. */
  readonly future: string;
  /** Publishes in one atomic step; gives the new version. */
  publish(counts: TaskCounts): Promise<number>;
  /** Removes what was written aside. After `publish` there is nothing left to remove. */
  discard(): Promise<void>;
}

export interface PublishedRows {
  /** Table expression. */
  readonly from: string;
  /** How many they are; undefined where that would have to be counted. */
  readonly rows: number | undefined;
}

export interface Target {
  stage(request: StageRequest): Promise<Staged>;
  /** The published rows of these partitions. */
  published(partitions: readonly string[]): Promise<PublishedRows>;
  /** Records input versions that brought no row the model reads. */
  acknowledge(record: VersionRecord): Promise<void>;
}
