/** A dataset named on the command line: what is published of it and how to read it. */

import { homeOf } from "../api/datasets.ts";
import { named } from "../cli/values.ts";
import type { Column } from "../engine/engine.ts";
import { table } from "../engine/sql.ts";
import type { OpenedHost } from "../host/host.ts";
import type { Host } from "../pipeline/index.ts";
import type { Model } from "../project/project.ts";
import { ShoplakeError } from "../util/errors.ts";
import { versionIdOf } from "../warehouse/version-record.ts";
import { inventoryOf } from "./inventory.ts";

export interface PublishedDataset {
  readonly dataset: string;
  readonly version: number;
  /** Tells this version from every other one, also of the same number. */
  readonly id: string;
  /** Table expression that reads exactly this version. */
  readonly from: string;
  readonly columns: readonly Column[];
  /** The model that makes it, as its file says; undefined for bronze. */
  readonly model: Model | undefined;
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

type Found = Pick<PublishedDataset, "version" | "id" | "from" | "columns">;

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
  return { version: snapshot.version, id, from: lakeTable.read(snapshot), columns };
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
  return { version: current.version, id, from: table(dataset), columns };
}
