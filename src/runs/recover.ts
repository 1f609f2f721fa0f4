/**
 * Brings the ops tables and the views up to date with what is published. A process may die between publishing and
 * recording; the versions themselves know everything that has to be recorded.
 */
import { table } from "../engine/sql.ts";
import type { Host } from "../pipeline/index.ts";
import { asText, syncViews } from "../pipeline/index.ts";
import type { PublicationRecord } from "../state/records.ts";
import type { WarehouseVersion } from "../warehouse/version-record.ts";
import { type IsAlive, livingOwners } from "./liveness.ts";
import { sweep } from "./sweep.ts";

/** May be done twice, and by several processes at once. `isAlive` says which runs go on. */
export async function recover(host: Host, isAlive: IsAlive = livingOwners(host)): Promise<void> {
  const recorded = await host.state.publications.newest();
  const datasets = await host.lake.datasets();
  const missing: PublicationRecord[] = [];
  for (const dataset of datasets)
    missing.push(...(await missingFromLake(host, dataset, recorded.get(dataset)?.version ?? -1)));
  for (const [dataset, version] of await host.warehouse.versions()) {
    if (version.version > (recorded.get(dataset)?.version ?? 0))
      missing.push(await publicationOf(host, dataset, version));
  }
  await host.state.publications.record(...missing);
  await host.state.flush();
  await syncViews(host, datasets);
  await sweep(host, isAlive);
}

/** A table that says nothing of lost rows published all it read. */
async function publicationOf(
  { engine }: Host,
  dataset: string,
  version: WarehouseVersion,
): Promise<PublicationRecord> {
  const [row] = await engine.rows<{ n: string }>(`SELECT count() AS n FROM ${table(dataset)}`);
  const rows = Number(row?.n ?? 0);
  return {
    counts: { read: rows, published: rows, rejected: 0, deduplicated: 0 },
    ...version,
    dataset,
    rows,
    inputs: asText(version.inputs),
    publishedAt: new Date(version.publishedAt),
  };
}

async function missingFromLake(
  host: Host,
  dataset: string,
  recorded: number,
): Promise<readonly PublicationRecord[]> {
  const table = host.lake.table(dataset);
  const head = (await table.snapshot())?.version ?? -1;
  if (head <= recorded) return [];
  const commits = await table.history(head - recorded);
  return commits
    .filter((commit) => commit.version > recorded)
    .flatMap(({ version, info, taskId, time }) => {
      if (taskId === undefined || !isSummary(info)) return [];
      const { mode, counts, runId, supersededSources = [] } = info;
      const publishedAt = time === undefined ? {} : { publishedAt: time };
      return [{ dataset, version, taskId, runId, mode, counts, supersededSources, ...publishedAt }];
    });
}

function isSummary(
  info: Readonly<Record<string, unknown>>,
): info is Record<string, unknown> &
  Pick<PublicationRecord, "mode" | "counts" | "supersededSources" | "runId"> {
  return (
    typeof info["mode"] === "string" &&
    typeof info["runId"] === "string" &&
    typeof info["counts"] === "object"
  );
}
