/**
 * Gives up old months of the `ops` tables, but for what somebody still needs:
 *
 * - rejects that a publication which counts now holds, with every earlier sighting of them, and what a person decided about any
 * - of each dataset the newest publication, the newest full one, those of the rejects that stay, and those that replaced files
 *   while the dataset has rejects: they say which sighting of a reject counts
 * - runs that have not ended, and the runs, tasks and checks of the publications and rejects that stay
 * - the newest audit of each dataset
 *
 * Rows are deleted by what is left of the tables before, in this order, so a kill in the middle loses nothing: the next run does
 * it again.
 */
import type { Engine } from "../engine/engine.ts";

/** Deletes what is older than the month of `since`. One statement when that month was done before. */
export async function retain(engine: Engine, since: Date): Promise<void> {
  const month = since.toISOString().slice(0, 7).replace("-", "");
  if ((await doneMonth(engine)) >= month) return;
  for (const { table, time, needed } of rules) {
    const old = `toYYYYMM(${time}) < ${month}`;
    const [found] = await engine.rows(`SELECT 1 FROM ops.${table} WHERE ${old} LIMIT 1`);
    if (found === undefined) continue;
    await engine.command(`ALTER TABLE ops.${table} DELETE WHERE ${old} AND NOT (${needed})`, {
      settings: { mutations_sync: 2 },
    });
  }
  await engine.command(`CREATE OR REPLACE VIEW ops.kept_since AS SELECT '${month}' AS month`);
}

/** The month that everything before it was looked at for; "" before the first time. */
async function doneMonth(engine: Engine): Promise<string> {
  const [found] = await engine.rows<{ definition: string }>(
    "SELECT as_select AS definition FROM system.tables WHERE database = 'ops' AND name = 'kept_since'",
  );
  return /'(\d{6})'/.exec(found?.definition ?? "")?.[1] ?? "";
}

interface Rule {
  readonly table: string;
  /** Column that says how old a row is. */
  readonly time: string;
  /** Condition of rows that stay. */
  readonly needed: string;
}

const running = "SELECT run_id FROM ops.runs WHERE state = 'running'";
const usedRuns = `run_id IN (SELECT run_id FROM ops.publications_log) OR run_id IN (SELECT run_id FROM ops.quarantine_log)
  OR run_id IN (${running})`;

const rules: readonly Rule[] = [
  {
    table: "quarantine_log",
    time: "staged_at",
    needed: `id IN (SELECT id FROM ops.quarantine WHERE occurrences > 0) OR run_id IN (${running})`,
  },
  {
    table: "quarantine_events",
    time: "at",
    needed: "status = 'discarded' OR id IN (SELECT id FROM ops.quarantine_log)",
  },
  {
    table: "publications_log",
    time: "published_at",
    needed: `task_id IN (SELECT task_id FROM ops.newest_publications)
  OR task_id IN (SELECT task_id FROM ops.quarantine_log)
  OR (dataset, version, published_at) IN (
    SELECT dataset, last.2, last.1 FROM (
      SELECT dataset, maxIf((published_at, version), mode = 'full') AS last FROM ops.publications_log GROUP BY dataset))
  OR (notEmpty(superseded_sources) AND dataset IN (SELECT dataset FROM ops.quarantine_log))`,
  },
  {
    table: "check_results_log",
    time: "recorded_at",
    needed: `${usedRuns} OR (dataset, task_id) IN (
    SELECT dataset, argMax(task_id, (recorded_at, name)) FROM ops.check_results_log GROUP BY dataset)`,
  },
  { table: "tasks_log", time: "queued_at", needed: usedRuns },
  { table: "runs_log", time: "started_at", needed: usedRuns },
];
