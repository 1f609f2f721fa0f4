/** What people and the platform read: one row per run, task, check of a task, publication. */
import { quarantineView } from "./quarantine-view.ts";

/**
 * Later states win, whatever the clocks said: attempts in order, within one queued, running, the wait for the next, its end.
 * Of two records of the same state the later one; equal ones are told apart by their text, so that the order of recording does
 * not matter.
 */
const rank = "multiIf(state = 'queued', 0, state = 'running', 1, state = 'up_for_retry', 2, 3)";

/** The newest record of every run among the rows that `where` leaves ("WHERE ..."; "" for all). */
export function latestRuns(where: string): string {
  return `SELECT * EXCEPT (recorded_at) FROM ops.runs_log ${where} ORDER BY ${rank} DESC, recorded_at DESC, state, error LIMIT 1 BY run_id`;
}

/** The newest record of every task among the rows that `where` leaves. */
export function latestTasks(where: string): string {
  return `SELECT * EXCEPT (recorded_at) FROM ops.tasks_log ${where} ORDER BY attempt DESC, ${rank} DESC, recorded_at DESC, state, error LIMIT 1 BY task_id`;
}

/** The newest result of every check of a task among the rows that `where` leaves. */
export function latestChecks(where: string): string {
  return `SELECT * FROM ops.check_results_log ${where} ORDER BY recorded_at DESC, status, message LIMIT 1 BY task_id, name`;
}

/** Every publication once, as it was recorded first, among the rows that `where` leaves. */
export function oncePublished(where: string): string {
  return `SELECT * FROM ops.publications_log ${where} ORDER BY published_at, version LIMIT 1 BY task_id`;
}

/** Columns of `newestPublications` in the order of the tuple that the projection `newest` of the table keeps. */
const kept =
  "version, task_id, run_id, mode, superseded_sources, rows_read, rows_published, rows_rejected, rows_deduplicated, rows_total, inputs, published_at, version_id";

/**
 * The newest publication of every dataset. Answered from the projection of the table, which each insert writes in the same
 * part as its rows: a few rows to read however long the history is, and nothing that could differ from it.
 */
export const newestPublications: string = `SELECT dataset, ${kept
  .split(", ")
  .map((name, i) => `newest.${i + 1} AS ${name}`)
  .join(", ")}
FROM (SELECT dataset, argMax((${kept}), (published_at, version)) AS newest FROM ops.publications_log GROUP BY dataset)`;

/** Statements that create the views, in order. */
export const views: readonly string[] = [
  `CREATE OR REPLACE VIEW ops.runs AS ${latestRuns("")}`,
  `CREATE OR REPLACE VIEW ops.tasks AS ${latestTasks("")}`,
  `CREATE OR REPLACE VIEW ops.check_results AS ${latestChecks("")}`,
  `CREATE OR REPLACE VIEW ops.publications AS ${oncePublished("")}`,
  `CREATE OR REPLACE VIEW ops.newest_publications AS ${newestPublications}`,
  quarantineView,
];
