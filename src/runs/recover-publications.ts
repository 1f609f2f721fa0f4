/**
 * Makes the ops tables say of every dataset what lake and warehouse say. A process may die between publishing and recording; a
 * lake, a warehouse or the ops tables may have been restored from a backup, or be gone. The tables themselves are the truth: what
 * they hold and nobody recorded is recorded, what was recorded and they hold no more is withdrawn, together with its rejects.
 */
import { table } from "../engine/sql.ts";
import type { HistoryEntry, Snapshot } from "../lake/lake.ts";
import type { Host } from "../pipeline/index.ts";
import type { PublicationRecord, PublicationRow } from "../state/records.ts";
import { versionIdOf, type WarehouseVersion } from "../warehouse/version-record.ts";

/** What the ops tables have to learn about one dataset. */
interface Correction {
  /** Published, and not recorded. */
  readonly missing: readonly PublicationRecord[];
  /** Recorded, and not there any more. */
  readonly lost: readonly PublicationRow[];
}

const nothing: Correction = { missing: [], lost: [] };

/** `datasets`: those of the lake that can be read. Costs no more than a look at each newest version when nothing has happened. */
export async function recoverPublications(host: Host, datasets: readonly string[]): Promise<void> {
  const recorded = await host.state.publications.newest();
  const corrections: Correction[] = [];
  for (const dataset of datasets)
    corrections.push(await lakeCorrection(host, dataset, recorded.get(dataset)));
  for (const [dataset, live] of await host.warehouse.versions())
    corrections.push(await warehouseCorrection(host, { dataset, live, last: recorded.get(dataset) }));
  await host.state.publications.record(...corrections.flatMap(({ missing }) => missing));
  await host.state.flush();
  const lost = corrections.flatMap((correction) => correction.lost);
  if (lost.length > 0) await host.state.publications.withdraw(lost.map(({ taskId }) => taskId));
}

async function lakeCorrection(
  host: Host,
  dataset: string,
  last: PublicationRow | undefined,
): Promise<Correction> {
  const lakeTable = host.lake.table(dataset);
  const head = await lakeTable.snapshot();
  if (head === undefined || isRecorded(head, last)) return nothing;
  const since = last?.version ?? -1;
  const news = await lakeTable.history(Math.max(head.version - since, 0) + 1);
  if (last === undefined || follows(news, last))
    return { missing: recordsOf(dataset, news, since), lost: [] };
  return comparedWithLog(host, last, await lakeTable.history(Number.MAX_SAFE_INTEGER));
}

/** Release 0.1.0 recorded numbers only: then the number decides. */
function isRecorded({ id, version }: Snapshot, last: PublicationRow | undefined): boolean {
  return last?.versionId === "" ? last.version === version : last?.versionId === id;
}

/** True when the recorded version is one of the log. Release 0.1.0 recorded numbers only: then the number decides. */
function follows(log: readonly HistoryEntry[], { version, versionId }: PublicationRow): boolean {
  return log.some((entry) => (versionId === "" ? entry.version >= version : entry.id === versionId));
}

/** The log went back, or belongs to another table: every recorded version is looked up in it. */
async function comparedWithLog(
  host: Host,
  last: PublicationRow,
  log: readonly HistoryEntry[],
): Promise<Correction> {
  const recorded = await recordedUpTo(host, last);
  const lost = recorded.filter((row) => isLost(row, log));
  const kept = recorded.filter((row) => !lost.includes(row));
  const newest = Math.max(-1, ...kept.map(({ version }) => version));
  return { missing: recordsOf(last.dataset, log, newest), lost };
}

/** Versions before the oldest commit that is left are believed, unless they are of another table. */
function isLost({ version, versionId }: PublicationRow, log: readonly HistoryEntry[]): boolean {
  if (versionId === "") return version > (log[0]?.version ?? -1);
  if (log.some(({ id }) => id === versionId)) return false;
  return version >= (log.at(-1)?.version ?? 0) || tableOf(versionId) !== tableOf(log[0]?.id ?? "");
}

/** The part of a version's id that names its table. */
function tableOf(versionId: string): string {
  return versionId.slice(0, versionId.indexOf("/"));
}

/** What had been recorded when lake and warehouse were looked at: a version that came later is not lost because they lack it. */
async function recordedUpTo(host: Host, last: PublicationRow): Promise<readonly PublicationRow[]> {
  const rows = await host.state.publications.list(last.dataset, 1_000_000);
  return rows.filter(({ publishedAt }) => publishedAt <= last.publishedAt);
}

function recordsOf(dataset: string, log: readonly HistoryEntry[], since: number): PublicationRecord[] {
  return log.flatMap(({ version, id, taskId, info, time }) => {
    if (version <= since || taskId === undefined || !isSummary(info)) return [];
    const { mode, counts, runId, supersededSources = [] } = info;
    const publishedAt = time === undefined ? {} : { publishedAt: time };
    return [
      { dataset, version, versionId: id, taskId, runId, mode, counts, supersededSources, ...publishedAt },
    ];
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

interface LiveTable {
  readonly dataset: string;
  readonly live: WarehouseVersion;
  /** As recorded last. */
  readonly last: PublicationRow | undefined;
}

/** Of a warehouse table only the newest version is there. */
async function warehouseCorrection(host: Host, { dataset, live, last }: LiveTable): Promise<Correction> {
  if (last?.taskId === live.taskId) return nothing;
  const recorded = last === undefined ? [] : await recordedUpTo(host, last);
  const isKnown = recorded.some(({ taskId }) => taskId === live.taskId);
  return {
    missing: isKnown ? [] : [await publicationOf(host, dataset, live)],
    lost: recorded.filter(({ version, taskId }) => version >= live.version && taskId !== live.taskId),
  };
}

/** A table that says nothing of lost rows published all it read. The ids of its inputs are not kept, only marks of them. */
async function publicationOf(
  { engine }: Host,
  dataset: string,
  live: WarehouseVersion,
): Promise<PublicationRecord> {
  const [row] = await engine.rows<{ n: string }>(`SELECT count() AS n FROM ${table(dataset)}`);
  const rows = Number(row?.n ?? 0);
  const { version, taskId, runId, mode } = live;
  const counts = live.counts ?? { read: rows, published: rows, rejected: 0, deduplicated: 0 };
  const [versionId, publishedAt] = [versionIdOf(live), new Date(live.publishedAt)];
  return { dataset, version, versionId, taskId, runId, mode, counts, rows, publishedAt };
}
