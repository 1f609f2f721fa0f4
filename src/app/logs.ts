/** The log of a run. */
import type { OpenedHost } from "../host/host.ts";
import { type LoggedEvent, readRunLog } from "../telemetry/run-log.ts";
import { ShoplakeError } from "../util/errors.ts";
import { findRun } from "./runs.ts";

/** The events of a run in their order. `given`: as for `findRun`. Throws `usage` when there is no such run, or no log of it here. */
export async function eventsOfRun(host: OpenedHost, given: string): Promise<readonly LoggedEvent[]> {
  const { runId } = await findRun(host, given);
  const events = readRunLog(host.stateDir, runId);
  if (events !== undefined) return events;
  throw new ShoplakeError("usage", `this machine keeps no log of run ${runId}`, {
    where: host.stateDir,
    hint: `what the state remembers: shoplake runs ${runId}`,
  });
}
