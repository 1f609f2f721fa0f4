/**
 * Brings the ops tables and the views up to date with what is published. A process may die between publishing and
 * recording; the versions themselves know everything that has to be recorded.
 */
import { table } from "../engine/sql.ts";
import { sweepEngine } from "../engine/sweep-engine.ts";
import type { Host } from "../pipeline/index.ts";
import { syncViews } from "../pipeline/index.ts";
import { openQuarantine } from "../quality/quarantine.ts";
import type { PublicationRecord, RunRow } from "../state/records.ts";
import { isAlive } from "../util/is-alive.ts";
import type { WarehouseVersion } from "../warehouse/version-record.ts";
import { sweepSpool } from "./spool.ts";

export async function recover(host: Host): Promise<void> {
  const recorded = await host.state.lastPublications();
  const datasets = await host.lake.datasets();
  const missing: PublicationRecord[] = [];
  for (const dataset of datasets)
    missing.push(...(await missingFromLake(host, dataset, recorded.get(dataset)?.version ?? -1)));
  for (const [dataset, version] of await host.warehouse.versions()) {
    if (version.version > (recorded.get(dataset)?.version ?? 0))
      missing.push(await publicationOf(host, dataset, version));
  }
  await host.state.recordPublication(...missing);
  await host.state.flush();
  await syncViews(host, datasets);
  await buryDeadRuns(host);
  const isOwnerAlive = (owner: string): boolean => isAlive(Number(owner));
  if (host.engine.kind === "embedded") await sweepEngine(host.engine, isOwnerAlive);
  await sweepSpool(host.stateDir, isOwnerAlive);
}

/** Runs whose process died are noted as failed; the rejects they staged and never published are removed. */
async function buryDeadRuns(host: Host): Promise<void> {
  const { state, owner, clock } = host;
  const running = await runningRuns(host);
  const dead = running.filter((run) => run.host === owner.host && !isAlive(run.pid));
  for (const run of dead) {
    const times = { startedAt: new Date(run.startedAt), endedAt: clock() };
    await state.recordRun({ ...run, ...times, state: "failed", error: `process ${run.pid} was killed` });
  }
  if (dead.length > 0) await removeUnpublishedRejects(host);
}

/** Deletes the rejects that no publication made visible, but for those of runs that may still publish them. */
export async function removeUnpublishedRejects(host: Host): Promise<void> {
  const alive = (await runningRuns(host)).map((run) => run.runId);
  await openQuarantine(host.engine, host.clock).removeUnpublished(alive);
}

async function runningRuns({ state }: Host): Promise<readonly RunRow[]> {
  return (await state.listRuns(100)).filter((run) => run.state === "running");
}

/** A table that says nothing of lost rows published all it read. */
async function publicationOf(
  { engine }: Host,
  dataset: string,
  version: WarehouseVersion,
): Promise<PublicationRecord> {
  const [row] = await engine.rows<{ n: string }>(`SELECT count() AS n FROM ${table(dataset)}`);
  const rows = Number(row?.n ?? 0);
  return { counts: { read: rows, published: rows, rejected: 0, deduplicated: 0 }, ...version, dataset, rows };
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
    .flatMap(({ version, info, taskId }) =>
      taskId !== undefined && isSummary(info) ? [{ dataset, version, taskId, ...info }] : [],
    );
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
