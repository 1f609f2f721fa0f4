/**
 * Where a model's rows are published: a lake table or a warehouse table, behind one shape.
 * Both keep the record of a version (input versions, fingerprint, task) in the very step that publishes its rows.
 */

import type { TaskCounts } from "../../api/runs.ts";
import type { Column, QueryOptions } from "../../engine/engine.ts";
import type { PublishedVersion } from "../outcome.ts";
import type { BuiltFrom } from "./built-from.ts";

/** What a published version says of itself. */
export interface VersionRecord {
  /** Versions of the datasets it was built from, by dataset. */
  readonly inputs: Readonly<Record<string, BuiltFrom>>;
  /** `fingerprintOf` the model. */
  readonly fingerprint: number;
}

/** What is published of a dataset now. */
export interface PublishedState extends VersionRecord {
  /** For people; what a version is, `id` says. */
  readonly version: number;
  /** Names the version: opaque, compared whole. */
  readonly id: string;
  /** Table expression that reads the published rows. */
  readonly from: string;
}

/** Which published rows the staged ones replace. A partition is named by the text of its value; '' is NULL. */
export type Replaces = "none" | "all" | { readonly partitions: readonly string[] };

/** Rows to write aside, and what they will replace. */
export interface StageRequest {
  /** Yields the model's columns. */
  readonly select: string;
  /** Of the version to come, in the table's order. */
  readonly columns: readonly Column[];
  /** Decides which published rows stay. */
  readonly replaces: Replaces;
  /** What the version will say of itself. */
  readonly record: VersionRecord;
  /** `full`: its rejects supersede all earlier ones; `increment`: they add. */
  readonly mode: "full" | "increment";
  /** The version it is worked out from; undefined: nothing is published. */
  readonly base: Pick<PublishedState, "version" | "id"> | undefined;
  /** Parameters, settings and signal of the statement. */
  readonly options: QueryOptions;
}

/** Rows written aside: publish or discard them. */
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
  publish(counts: TaskCounts): Promise<PublishedVersion>;
  /** Removes what was written aside. After `publish` there is nothing left to remove. */
  discard(): Promise<void>;
}

/** Some of the published rows. */
export interface PublishedRows {
  /** Table expression. */
  readonly from: string;
  /** How many they are; undefined where that would have to be counted. */
  readonly rows: number | undefined;
}

/** Where a model is published. */
export interface Target {
  /** Writes rows aside. Nothing is left when it fails. */
  stage(request: StageRequest): Promise<Staged>;
  /** The published rows of these partitions. */
  published(partitions: readonly string[]): Promise<PublishedRows>;
  /** Records input versions that brought no row the model reads. */
  acknowledge(record: VersionRecord): Promise<void>;
}
