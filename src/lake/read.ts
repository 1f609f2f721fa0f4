/** A ClickHouse table expression for one version of a dataset. */
import type { Column } from "../engine/engine.ts";
import { ident, idents, text } from "../engine/sql.ts";
import { ShoplakeError } from "../util/errors.ts";
import { hash52 } from "../util/hash52.ts";
import { partColumn, structureOf } from "./delta/schema.ts";
import { needsEngineReader, type Snapshot } from "./delta/snapshot.ts";
import type { DataFile } from "./delta/state.ts";
import { decodePath } from "./partition.ts";
import type { LakeStore } from "./store/store.ts";

/** Which part of a version to read. */
export interface ReadOptions {
  /** Only these files of the snapshot (or of an older version); default all. */
  readonly files?: readonly DataFile[];
  /** Only these columns, in this order; default all. */
  readonly columns?: readonly string[];
}

/**
 * `(SELECT ... )`, to be used after FROM. Reads exactly the given files, with the original ClickHouse types, and fails
 * when one of them is missing: of several paths in one pattern the engine skips a missing one in silence, so a guard counts.
 */
export function readExpression(store: LakeStore, snapshot: Snapshot, options: ReadOptions = {}): string {
  const { dataset } = snapshot;
  const columns = pick(snapshot, options.columns);
  const files = options.files ?? snapshot.files;
  if (files.length > 0 && needsEngineReader(snapshot.log))
    return engineRead(store, snapshot, columns, options.files !== undefined);
  return filesExpression(
    store,
    { dataset, columns, partition: snapshot.log.metadata.partitionColumns[0] },
    files,
  );
}

/** How the files are to be read. */
export interface FileShape {
  /** Names the folder. */
  readonly dataset: string;
  /** With the types that the rows shall have. */
  readonly columns: readonly Column[];
  /** Delta partition column: files of other writers do not hold it. */
  readonly partition: string | undefined;
}

/** A table expression over data files, published or staged; columns that a file lacks are null (or the type's default). */
export function filesExpression(store: LakeStore, shape: FileShape, files: readonly DataFile[]): string {
  const { dataset, columns, partition } = shape;
  if (files.length === 0)
    return `(SELECT ${idents(columns.map(nameOf))} FROM null(${text(structureOf(columns))}))`;
  const groups = groupFiles(files, partition);
  const selects = groups.map((group) => selectFiles(store, folderOf(dataset), columns, group));
  return `(${selects.join("\nUNION ALL\n")})`;
}

/** "silver/orders" of "silver.orders". */
export function folderOf(dataset: string): string {
  return dataset.replace(".", "/");
}

function nameOf(column: Column): string {
  return column.name;
}

function pick(snapshot: Snapshot, names: readonly string[] | undefined): readonly Column[] {
  if (names === undefined) return snapshot.columns;
  return names.map((name) => {
    const column = snapshot.columns.find((candidate) => candidate.name === name);
    if (column === undefined)
      throw new ShoplakeError("lake", `there is no column ${name} in version ${snapshot.version}`, {
        where: snapshot.dataset,
        allowed: snapshot.columns.map(nameOf).join(", "),
      });
    return column;
  });
}

interface FileGroup {
  readonly files: readonly DataFile[];
  /** Partition column and value when the files do not hold the column themselves. */
  readonly constant: { readonly column: string; readonly value: string | null } | undefined;
}

/** Our files hold their partition column; files of other writers do not, so its value comes from the log. */
function groupFiles(files: readonly DataFile[], partition: string | undefined): FileGroup[] {
  if (partition === undefined || partition === partColumn) return [{ files, constant: undefined }];
  const own = files.filter((file) => isOwn(file.path));
  const groups: FileGroup[] = own.length === 0 ? [] : [{ files: own, constant: undefined }];
  const foreign = new Map<string | null, DataFile[]>();
  for (const file of files) {
    if (isOwn(file.path)) continue;
    const value = file.partition[partition] ?? null;
    const group = foreign.get(value);
    if (group === undefined) foreign.set(value, [file]);
    else group.push(file);
  }
  for (const [value, some] of foreign) groups.push({ files: some, constant: { column: partition, value } });
  return groups;
}

function isOwn(path: string): boolean {
  return /(^|\/)part-[A-Za-z0-9_-]+-[0-9a-f]{12}\.parquet$/.test(path);
}

function selectFiles(store: LakeStore, folder: string, columns: readonly Column[], group: FileGroup): string {
  const { constant } = group;
  const keys = group.files.map((file) => `${folder}/${decodePath(file.path)}`);
  const inside = columns.filter((column) => column.name !== constant?.column);
  const structure = structureOf(
    inside.length === 0 ? [{ name: "_nothing", type: "Nullable(String)" }] : inside,
  );
  const outputs = columns.map((column) =>
    column.name === constant?.column
      ? `CAST(${constant.value === null ? "NULL" : text(constant.value)} AS ${column.type}) AS ${ident(column.name)}`
      : ident(column.name),
  );
  const from = store.tableFunction(keys, "Parquet", structure);
  return `SELECT ${outputs.join(", ")} FROM ${from}${guard(store, keys)} SETTINGS use_hive_partitioning = 0`;
}

/** One row per existing file, without opening it. A single missing file is the engine's own error. */
function guard(store: LakeStore, keys: readonly string[]): string {
  if (keys.length === 1 || store.failsOnMissing) return "";
  const missing = text("a data file of this version is missing: it was deleted or vacuumed");
  return ` WHERE (SELECT throwIf(count() != ${keys.length}, ${missing}) FROM ${store.tableFunction(keys, "One")} SETTINGS use_hive_partitioning = 0) = 0`;
}

/**
 * The engine knows a version by its number; a hash of its id is written beside it, so that equal expressions read equal rows. (The
 * id itself may hold anything: the other program chose it.)
 * Without the second setting count() comes from statistics and counts rows that a deletion vector took away (ClickHouse 26.7).
 */
function engineRead(store: LakeStore, snapshot: Snapshot, columns: readonly Column[], some: boolean): string {
  if (some)
    throw new ShoplakeError(
      "unsupported",
      "single files of this table cannot be read: another program wrote it with deletion vectors, column mapping, widened types or several partition columns",
      {
        where: snapshot.dataset,
        hint: "read the whole table, or copy it into a new dataset",
      },
    );
  const outputs = columns.map(({ name, type }) => `CAST(${ident(name)} AS ${type}) AS ${ident(name)}`);
  const version = `/* version ${hash52(snapshot.id)} */`;
  return `(SELECT ${outputs.join(", ")} FROM ${version} ${store.deltaFunction(folderOf(snapshot.dataset))} SETTINGS delta_lake_snapshot_version = ${snapshot.version}, optimize_trivial_count_query = 0)`;
}
