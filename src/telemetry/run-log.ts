/** The log of a run: its events as lines of JSON in <stateDir>/logs/<run>.jsonl, with the time of each. */
import { existsSync, readFileSync, type WriteStream } from "node:fs";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { makePrivateFolderSync, privateWriteStream } from "../util/private-files.ts";
import type { RunEmitter, RunEvents } from "./events.ts";

/** An event as it stands in the log; the payload's own fields beside these. */
export interface LoggedEvent {
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly event: keyof RunEvents;
  readonly runId: string;
  readonly [field: string]: unknown;
}

/** Rows so far are not logged: they are worth looking at while they change only. */
const logged = [
  "run.started",
  "task.state",
  "task.step",
  "task.warning",
  "task.published",
  "check.result",
  "run.finished",
] as const satisfies readonly (keyof RunEvents)[];

/** Writes the events to the log until closed. */
export function keepRunLog(
  stateDir: string,
  events: RunEmitter,
  clock: () => Date,
): { close(): Promise<void> } {
  let file: WriteStream | undefined;
  const write = (event: keyof RunEvents) => (payload: { readonly runId: string }) => {
    file ??= openLog(stateDir, payload.runId);
    file.write(`${JSON.stringify({ time: clock().toISOString(), event, ...payload })}\n`);
  };
  for (const event of logged) events.on(event, write(event));
  return {
    async close() {
      if (file === undefined) return;
      file.end();
      await finished(file);
    },
  };
}

/** The events of a run; undefined when this machine keeps no log of it. A line cut short by a crash is left out. */
export function readRunLog(stateDir: string, runId: string): LoggedEvent[] | undefined {
  const file = logFile(stateDir, runId);
  if (!existsSync(file)) return undefined;
  return readFileSync(file, "utf8")
    .split("\n")
    .flatMap((line) => {
      try {
        return [JSON.parse(line) as LoggedEvent];
      } catch {
        return [];
      }
    });
}

function openLog(stateDir: string, runId: string): WriteStream {
  const file = logFile(stateDir, runId);
  makePrivateFolderSync(join(stateDir, "logs"));
  return privateWriteStream(file, "a");
}

function logFile(stateDir: string, runId: string): string {
  return join(stateDir, "logs", `${runId.replace(/[^\w.-]/g, "_")}.jsonl`);
}
