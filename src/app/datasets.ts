/** A dataset that somebody names: what is published of it, how to read it, its first rows. */
import { homeOf } from "../api/datasets.ts";
import type { Column } from "../engine/engine.ts";
import { table } from "../engine/sql.ts";
import type { OpenedHost } from "../host/host.ts";
import type { Host } from "../pipeline/index.ts";
import type { Model } from "../project/project.ts";
import type { DatasetScore } from "../quality/score.ts";
import { receivedNames } from "../sources/stored-names.ts";
import { ShoplakeError } from "../util/errors.ts";
import { named } from "../util/named.ts";
import { versionIdOf } from "../warehouse/version-record.ts";
import { inventoryOf } from "./inventory.ts";
import { lastScore } from "./scores.ts";

/** One published version of a dataset. */
export interface PublishedDataset {
  /** "silver.orders" */
  readonly dataset: string;
  /** Number of the version. */
  readonly version: number;
  /** Tells this version from every other one, also of the same number. */
  readonly id: string;
  /** Table expression that reads exactly this version. */
  readonly from: string;
  /** Its columns, in their order. */
  readonly columns: readonly Column[];
  /** Names as received, of the columns that have another name in bronze. */
  readonly received: ReadonlyMap<string, string>;
  /** The model that makes it, as its file says; undefined for bronze. */
  readonly model: Model | undefined;
}

/** A column of a dataset as a document. */
export interface ColumnDocument extends Column {
  /** Of the model's header; "" when there is none. */
  readonly description: string;
  /** Its name at the source, when bronze has it under another one. */
  readonly received?: string;
}

/** A version of a dataset as a document. */
export interface DatasetDocument {
  /** "silver.orders" */
  readonly dataset: string;
  /** Number of the version. */
  readonly version: number;
  /** Tells this version from every other one, also of the same number. */
  readonly id: string;
  /** Of the model's header; "" when there is none. */
  readonly description: string;
  /** Columns that identify a row; empty: none are declared. */
  readonly key: readonly string[];
  /** In their order. */
  readonly columns: readonly ColumnDocument[];
  /** Rows of this version. */
  readonly rows: number;
  /** By the checks of the publication; null when these are not about this version. */
  readonly score: DatasetScore | null;
}

/** The full name for what was given: "orders" when only one layer has it. Throws `usage` with the nearest known name. */
export function resolveDataset(names: Iterable<string>, given: string): string {
  const known = [...names];
  const short = known.filter((name) => name.endsWith(`.${given}`));
  if (short.length === 1 && short[0] !== undefined) return short[0];
  if (short.length > 1)
    throw new ShoplakeError("usage", `"${given}" may be ${short.join(" or ")}`, {
      hint: "name the layer too",
    });
  return named("dataset", given, new Map(known.map((name) => [name, name])));
}

/** The full name of a dataset of the project. Nothing is resolved. Throws `usage` with the nearest known name. */
export async function datasetNamed(host: OpenedHost, given: string): Promise<string> {
  return resolveDataset((await inventoryOf(host)).keys(), given);
}

/** The published version, or an older one of a lake dataset. Throws `usage` when there is none. */
export async function publishedDataset(
  host: OpenedHost,
  given: string,
  version?: number,
): Promise<PublishedDataset> {
  const inventory = await inventoryOf(host);
  const dataset = resolveDataset(inventory.keys(), given);
  const model = inventory.get(dataset);
  const found =
    homeOf(dataset) === "warehouse"
      ? await fromWarehouse(host, dataset, version)
      : await fromLake(host, dataset, version);
  if (found) return { ...found, dataset, model };
  throw new ShoplakeError("usage", `${dataset} has never been published`, {
    hint: `shoplake run +${dataset}`,
  });
}

/** What there is to say of a version. `isNewest`: its score is that of the newest publication. */
export async function describeDataset(
  host: Host,
  { dataset, version, id, columns, received, model, from }: PublishedDataset,
  { isNewest, signal }: { readonly isNewest: boolean; readonly signal: AbortSignal },
): Promise<DatasetDocument> {
  const specs = new Map(model?.columns.map((spec) => [spec.name, spec.description]));
  const rows = await countRows(host, from, signal);
  const score = isNewest && model !== undefined ? await lastScore(host, model, rows) : undefined;
  return {
    dataset,
    version,
    id,
    description: model?.description ?? "",
    key: model?.key ?? [],
    columns: columns.map((column) => {
      const before = received.get(column.name);
      const description = specs.get(column.name) ?? "";
      return { ...column, description, ...(before !== undefined && { received: before }) };
    }),
    rows,
    score: score ?? null,
  };
}

/** Rows of a table expression. */
export async function countRows({ engine }: Host, from: string, signal: AbortSignal): Promise<number> {
  const sql = `SELECT toString(count()) AS rows FROM ${from}`;
  const [found] = await engine.rows<{ rows: string }>(sql, { signal });
  return Number(found?.rows ?? 0);
}

/** SELECT of the first rows of a version. `limit` is a whole number. */
export function sampleOf({ from }: Pick<PublishedDataset, "from">, limit: number): string {
  return `SELECT * FROM ${from} LIMIT ${limit}`;
}

type Found = Pick<PublishedDataset, "version" | "id" | "from" | "columns" | "received">;

async function fromLake(host: Host, dataset: string, version?: number): Promise<Found | undefined> {
  const lakeTable = host.lake.table(dataset);
  const newest = await lakeTable.snapshot();
  if (newest && version !== undefined && version > newest.version)
    throw new ShoplakeError("usage", `${dataset} has no version ${version}`, {
      allowed: `0 to ${newest.version}`,
      hint: `shoplake history ${dataset}`,
    });
  const snapshot = version === undefined ? newest : await lakeTable.snapshot(version);
  if (snapshot && newest && snapshot.version < newest.version) await lakeTable.requireFiles(snapshot);
  if (snapshot === undefined) return undefined;
  const { columns, id } = snapshot;
  const received = receivedNames(snapshot.configuration);
  return { version: snapshot.version, id, from: lakeTable.read(snapshot), columns, received };
}

async function fromWarehouse(host: Host, dataset: string, version?: number): Promise<Found | undefined> {
  const target = host.warehouse.table(dataset);
  const current = await target.current();
  if (current === undefined) return undefined;
  if (version !== undefined && version !== current.version)
    throw new ShoplakeError("usage", `${dataset} is kept in its newest version only`, {
      allowed: `${current.version}`,
      hint: "older versions are kept of bronze and silver datasets; gold is rebuilt from them",
    });
  const [id, columns] = [versionIdOf(current), await target.columns()];
  return { version: current.version, id, from: table(dataset), columns, received: new Map() };
}
