/** One version of a dataset as plain data: what readers and planners look at. */
import type { Column } from "../../engine/engine.ts";
import { ShoplakeError } from "../../util/errors.ts";
import type { Protocol } from "./actions.ts";
import { versionIdOf } from "./commit-name.ts";
import type { DeltaStruct } from "./delta-types.ts";
import { fromDeltaSchema, partColumn } from "./schema.ts";
import { type DataFile, once, type TableState } from "./state.ts";

/** Never changes: a newer version is another snapshot. */
export interface Snapshot {
  /** "silver.orders" */
  readonly dataset: string;
  /** For people and for the order of versions; it comes back with other rows after a restore. What a version is, `id` says. */
  readonly version: number;
  /**
   * Names this version of this table: opaque, compared whole. The same for everybody who opens it, also after a checkpoint and after
   * the log was cleaned. Another one for a table made anew and for another commit of the same number.
   */
  readonly id: string;
  /** With the original ClickHouse types, in the table's order. */
  readonly columns: readonly Column[];
  /** A column name or an SQL expression over the columns; undefined: one partition. */
  readonly partitionBy: string | undefined;
  /** Put together when first asked for. */
  readonly files: readonly DataFile[];
  /** Delta txn entries: appId -> version. What a source has delivered so far. */
  readonly positions: ReadonlyMap<string, number>;
  /** Table properties, without the lake's own. */
  readonly configuration: Readonly<Record<string, string>>;
  /** Everything the log says; for the lake's own code. */
  readonly log: TableState;
}

/** Table property that keeps a partition expression; a plain column needs none. */
export const partitionByKey = "shoplake.partitionBy";

/** The view of a state for everybody else. Files and columns are read from the log when wanted. */
export function snapshotOf(dataset: string, log: TableState): Snapshot {
  const { [partitionByKey]: partitionBy, ...configuration } = log.metadata.configuration;
  const files = once(() => [...log.files().values()]);
  const positions = [...log.positions].filter(([, version]) => version >= 0);
  return {
    dataset,
    version: log.version,
    id: versionIdOf(log.metadata, log.commitName, log.version),
    columns: fromDeltaSchema(schemaOf(log)),
    partitionBy: partitionBy ?? log.metadata.partitionColumns[0],
    get files() {
      return files();
    },
    positions: new Map(positions),
    configuration,
    log,
  };
}

/** The columns as the log has them, the hidden partition column included. */
export function schemaOf(log: TableState): DeltaStruct {
  return JSON.parse(log.metadata.schemaString) as DeltaStruct;
}

/** Name of the Delta partition column for what a dataset is partitioned by. */
export function partitionColumnOf(partitionBy: string, columns: readonly Column[]): string {
  return columns.some((column) => column.name === partitionBy) ? partitionBy : partColumn;
}

/** Reader features under which a file list from the log is not the whole truth about the rows. */
const engineOnly = new Set(["deletionVectors", "columnMapping", "typeWidening", "typeWidening-preview"]);

/** True when only the engine's own Delta reader can read the table (deletion vectors, column mapping, ...). */
export function needsEngineReader(log: TableState): boolean {
  const { protocol, metadata } = log;
  const mapped = (metadata.configuration["delta.columnMapping.mode"] ?? "none") !== "none";
  const typed = (protocol.readerFeatures ?? []).some((feature) => engineOnly.has(feature));
  const multiplePartitions = metadata.partitionColumns.length > 1;
  const masked = typed && [...log.files().values()].some((file) => file.deletionVector);
  const widened = (protocol.readerFeatures ?? []).some((feature) => feature.startsWith("typeWidening"));
  return mapped || masked || widened || multiplePartitions;
}

const writableFeatures = new Set(["appendOnly", "invariants", "timestampNtz"]);

/** Throws `unsupported` when the table asks its writers for something this writer does not do. */
export function checkWritable(dataset: string, protocol: Protocol, log: TableState): void {
  const features = protocol.writerFeatures ?? [];
  const unknown = features.filter((feature) => !writableFeatures.has(feature));
  const tooNew = protocol.minWriterVersion > 2 && protocol.minWriterVersion !== 7;
  if (!tooNew && unknown.length === 0 && log.metadata.partitionColumns.length <= 1) return;
  const given = tooNew
    ? `writer version ${protocol.minWriterVersion}`
    : unknown.length > 0
      ? unknown.join(", ")
      : `${log.metadata.partitionColumns.length} partition columns`;
  throw new ShoplakeError("unsupported", `the Delta table needs what this writer cannot do: ${given}`, {
    where: dataset,
    allowed: "Delta writer version 2 without further table features, at most one partition column",
    hint: "write it with the program that made it, or copy it into a new dataset; reading works",
  });
}
