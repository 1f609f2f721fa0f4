/** Where a lake's objects are kept. Two implementations, one conformance suite: local disk and S3. */

/** An entry of a listing. */
export interface StoredObject {
  /** Relative to the root of the store, "/"-separated. */
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since 1970, UTC. */
  readonly modified: number;
}

/** Small objects with atomic creation, and names of files for the engine. Whatever asks the store throws `io` when it fails. */
export interface LakeStore {
  /** Human-readable place without credentials: "/abs/.shoplake/lake", "s3://bucket/prefix". */
  readonly location: string;
  /** True when the engine itself fails on a missing object of a list (S3); on local disk it skips it in silence. */
  readonly failsOnMissing: boolean;
  /** True when `keys` with `after` costs only what comes after it (S3); on local disk it reads the whole folder. */
  readonly seeks: boolean;
  /** undefined when there is no such object. */
  read(key: string): Promise<Uint8Array | undefined>;
  /** Whether there is such an object, without reading it. */
  exists(key: string): Promise<boolean>;
  /**
   * Creates the object durably (fsync of file and directory; S3 conditional put) only if it is absent.
   * false when it exists already. Throws a retryable `io` error when the outcome is unknown.
   */
  create(key: string, bytes: Uint8Array): Promise<boolean>;
  /** Creates or replaces the object in one atomic step. */
  replace(key: string, bytes: Uint8Array): Promise<void>;
  /** In byte order of keys. `after` skips keys up to and including it. */
  list(prefix: string, after?: string): AsyncIterable<StoredObject>;
  /** The keys of `list`, without looking at each object. */
  keys(prefix: string, after?: string): AsyncIterable<string>;
  /** No error when it is absent. */
  remove(key: string): Promise<void>;
  /** Makes data files that the engine wrote durable (local: fsync of files and directories; S3: nothing). */
  persist(keys: readonly string[]): Promise<void>;
  /**
   * The ClickHouse table function that reads or writes these objects as Parquet, e.g.
   * file('/abs/{a,b}.parquet', 'Parquet', '<structure>'). All keys must exist when read: a missing one of several is
   * skipped by the engine without an error. A single key may hold `*` or `{_partition_id}`.
   */
  tableFunction(keys: readonly string[], format: string, structure?: string): string;
  /** The engine's own reader of the Delta table in this folder: deltaLakeLocal('/abs/silver/orders'). */
  deltaFunction(folder: string): string;
  /** The key of an object by what the engine's `_path` says. */
  keyOf(enginePath: string): string;
}
