/** Runs of a project: the newest, one by its id, and what it did. */
import type { Action, Host, RunReport, TaskReport } from "../pipeline/index.ts";
import type { RunDetail, RunRow } from "../state/records.ts";
import { runDetail as detailOf } from "../state/state.ts";
import { ShoplakeError } from "../util/errors.ts";
import { named } from "../util/named.ts";

/** Newest first. */
export function listRuns({ state }: Pick<Host, "state">, limit: number): Promise<readonly RunRow[]> {
  return state.runs.list({ limit });
}

/** Ids that a mistyped one is compared with; any run is found by the right one. */
const suggested = 1000;

/**
 * A run by its id, by the beginning of its id, or "last". Throws `usage` when there is none, with the nearest id of the
 * newest runs, and when several begin so.
 */
export async function findRun({ state }: Pick<Host, "state">, given: string): Promise<RunRow> {
  const found = await state.runs.list(given === "last" ? { limit: 1 } : { limit: listed, idBegins: given });
  const exact = found.find(({ runId }) => runId === given) ?? (found.length === 1 ? found[0] : undefined);
  if (exact !== undefined) return exact;
  if (found.length > 1)
    throw new ShoplakeError("usage", `several runs have an id that begins with "${given}"`, {
      allowed: found.map(({ runId }) => runId).join(", "),
      hint: "give more of the id",
    });
  const newest = await state.runs.list({ limit: suggested });
  return named("run", given, new Map(newest.map((run) => [run.runId, run])));
}

/** Of those that begin alike, as many are named. */
const listed = 10;

/** A run with its tasks and check results. Throws `usage` as `findRun` does. */
export async function runDetail(host: Pick<Host, "state">, given: string): Promise<RunDetail> {
  const { runId } = await findRun(host, given);
  const detail = await detailOf(host.state, runId);
  if (detail === undefined)
    throw new ShoplakeError("usage", `run ${runId} is gone`, { hint: "shoplake runs" });
  return detail;
}

/** What the state remembers of a run, in the shape of a fresh report. */
export function reportOf({ run, tasks, checks }: RunDetail): RunReport {
  return {
    runId: run.runId,
    state: run.state,
    startedAt: run.startedAt,
    durationMs: span(run),
    tasks: tasks.map(
      ({ version, error, ...task }): TaskReport => ({
        dataset: task.dataset,
        layer: task.layer as TaskReport["layer"],
        state: task.state,
        attempt: task.attempt,
        action: task.action as Action,
        reason: task.reason,
        counts: task.counts,
        checks: checks.filter((check) => check.taskId === task.taskId),
        durationMs: span(task),
        ...(version === undefined ? {} : { version }),
        ...(error === undefined ? {} : { error }),
      }),
    ),
  };
}

/** Milliseconds; 0 for what has not ended. */
function span({ startedAt, endedAt }: Pick<RunRow, "startedAt" | "endedAt">): number {
  return endedAt === undefined ? 0 : Date.parse(endedAt) - Date.parse(startedAt);
}
