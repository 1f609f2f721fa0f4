/** Runs whose process died: they are noted as failed, with their tasks, and the rejects they staged and never published go. */
import type { Host } from "../pipeline/index.ts";
import { openQuarantine } from "../quality/quarantine.ts";
import type { RunRow, TaskRecord, TaskRow } from "../state/records.ts";
import { isAlive as isLivingPid } from "../util/is-alive.ts";
import type { IsAlive } from "./liveness.ts";

/**
 * Only after the publications of all datasets are recorded: what they made visible stays. The rejects go first and the run is
 * noted last, so that a process that is killed in between leaves the rest to the next.
 */
export async function buryDeadRuns(host: Host, isAlive: IsAlive): Promise<void> {
  const { state, clock } = host;
  const dead = await deadRuns(host, isAlive);
  await removeUnpublishedRejects(host, dead);
  for (const run of dead) {
    const error = `its process ended without a word: ${run.pid} on ${run.host}`;
    await state.tasks.record(...(await openTasks(host, run)).map((task) => ended(task, error, clock())));
    const times = { startedAt: new Date(run.startedAt), endedAt: clock() };
    await state.runs.record({ ...run, ...times, state: "failed", error });
  }
}

/** A run may end in good order after it was listed, and its process right after it: so those of the dead are listed once more. */
async function deadRuns(host: Host, isAlive: IsAlive): Promise<readonly RunRow[]> {
  const running = () => host.state.runs.list({ running: true });
  const gone = new Set<string>();
  const listed = await running();
  for (const run of listed) if (!(await lives(host, run, isAlive))) gone.add(run.runId);
  return gone.size === 0 ? [] : (await running()).filter(({ runId }) => gone.has(runId));
}

/** Deletes the rejects that these runs staged and did not publish. They must have ended. */
export async function removeUnpublishedRejects(
  { state, engine, clock }: Host,
  ended: readonly Pick<RunRow, "runId">[],
): Promise<void> {
  if (ended.length === 0) return;
  await state.flush();
  await openQuarantine(engine, clock).removeUnpublished(ended.map(({ runId }) => runId));
}

/** Runs of version 0.1.0 name no owner: of this machine their process is looked up, elsewhere nobody can answer for them. */
async function lives({ owner }: Host, run: RunRow, isAlive: IsAlive): Promise<boolean> {
  if (run.owner !== "") return isAlive(run.owner);
  return run.host === owner.host && isLivingPid(run.pid);
}

async function openTasks({ state }: Host, { runId }: RunRow): Promise<readonly TaskRow[]> {
  const tasks = await state.tasks.ofRun(runId);
  return tasks.filter((task) => ["queued", "running", "up_for_retry"].includes(task.state));
}

/** What was queued never began; what was running is unknown but for the publications, which are recorded. */
function ended({ version, ...task }: TaskRow, message: string, at: Date): TaskRecord {
  return {
    ...task,
    ...(version === undefined ? {} : { version }),
    state: task.state === "queued" ? "cancelled" : "failed",
    error: { code: "interrupted", message },
    queuedAt: new Date(task.queuedAt),
    startedAt: new Date(task.startedAt),
    endedAt: at,
  };
}
