/** One extract on its way into a bronze table. */
import type { Column } from "../../engine/engine.ts";
import type { DataFile, LakeTable, Snapshot, StagedFiles } from "../../lake/lake.ts";
import type { Extract } from "../../sources/source.ts";
import type { TaskContext } from "../context.ts";

/** The bronze table that is written, and for whom. */
export interface BronzePlace extends Pick<TaskContext, "host" | "dataset" | "runId" | "signal"> {
  /** Name of the source in the configuration. */
  readonly sourceName: string;
}

/** One extract before the version that it is added to. */
export interface PlacedExtract extends BronzePlace {
  /** The bronze table. */
  readonly lakeTable: LakeTable;
  /** As the source gave it. */
  readonly extract: Extract;
  /** Id of this extract's commit: a task makes several. */
  readonly taskId: string;
  /** The version that the rows are added to; undefined: the table does not exist yet. */
  readonly base: Snapshot | undefined;
}

/** The rows of an extract, written aside. */
export interface StagedExtract {
  /** Rows that may be committed now. */
  readonly files: StagedFiles;
  /** Rows the source gave. */
  readonly read: number;
  /** Of those, rows written aside. */
  readonly fresh: number;
  /** Data files whose remaining rows were written again, because some of their rows are replaced. */
  readonly replaced: readonly DataFile[];
  /** One number for all rows of a table that is copied whole; undefined of other extracts. */
  readonly content: number | undefined;
}

/** Columns that the platform adds to every bronze row. */
export const addedColumns: readonly Column[] = [
  { name: "_ingested_at", type: "DateTime64(6, 'UTC')" },
  { name: "_run_id", type: "LowCardinality(String)" },
  { name: "_source", type: "LowCardinality(String)" },
];

/** Columns of the extract and those of the platform that it does not bring itself (a rewrite of bronze keeps them). */
export function bronzeColumns(extract: Extract): readonly Column[] {
  return [...extract.columns, ...missingColumns(extract)];
}

/** Columns of the platform that the extract does not bring itself. */
export function missingColumns(extract: Extract): readonly Column[] {
  const brought = new Set(extract.columns.map((column) => column.name));
  return addedColumns.filter((column) => !brought.has(column.name));
}
