/**
 * The log of a run: its events as lines of JSON in <stateDir>/logs/<run>.jsonl. A log that cannot be written is a warning of the
 * run, never its failure: the bus reports it.
 */
import { existsSync, readFileSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import type { EventName } from "../api/events.ts";
import { makePrivateFolder } from "../util/private-files.ts";
import { waitOrAbort } from "../util/wait.ts";
import type { RunBus } from "./bus.ts";
import { eventNames, listenTo } from "./events.ts";

/** An event as it is written in the log; the payload's own fields beside these. */
export interface LoggedEvent {
  /** ISO 8601, UTC. */
  readonly time: string;
  /** Its name. */
  readonly event: EventName;
  /** The run that it happened in. */
  readonly runId: string;
  /** What else the event says. */
  readonly [field: string]: unknown;
}

/** A log that is being written. */
export interface RunLog {
  /** Writes what is waiting, at most two seconds long, and closes the file. Never throws. */
  close(): Promise<void>;
}

const patienceMs = 2_000;

/** Writes the events to the log until closed. The file is made with the first event; only its owner can read it. */
export function keepRunLog(stateDir: string, bus: RunBus): RunLog {
  const lines = lineWriter(stateDir);
  // Rows so far are not logged: they are worth looking at while they change only.
  const logged = eventNames.filter((name) => name !== "task.progress");
  const stop = bus.subscribe(
    "the log of the run",
    listenTo(logged, (event, payload) => {
      const line = `${JSON.stringify({ time: payload.at, event, ...payload })}\n`;
      return lines.add(payload.runId, line);
    }),
  );
  return {
    async close() {
      stop();
      const wait = { name: "the log of the run", timeoutMs: patienceMs };
      await waitOrAbort(lines.close(), wait).catch(() => undefined);
    },
  };
}

interface LineWriter {
  /** Ends when the line is in the file; throws when it cannot be written. */
  add(runId: string, line: string): Promise<void>;
  close(): Promise<void>;
}

/** Writes one piece at a time, each with all lines that have come meanwhile. After a failure nothing is written any more. */
function lineWriter(stateDir: string): LineWriter {
  let waiting: string[] = [];
  let writing: Promise<void> | undefined;
  let file: FileHandle | undefined;
  let broken = false;
  const writeAll = async (runId: string): Promise<void> => {
    try {
      while (waiting.length > 0) {
        file ??= await openLog(stateDir, runId);
        const piece = waiting.join("");
        waiting = [];
        await file.appendFile(piece);
      }
    } catch (error) {
      broken = true;
      waiting = [];
      throw error;
    } finally {
      writing = undefined;
    }
  };
  return {
    async add(runId, line) {
      if (broken) return;
      waiting.push(line);
      writing ??= Promise.resolve().then(() => writeAll(runId));
      await writing;
    },
    async close() {
      await writing?.catch(() => undefined);
      await file?.close();
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

async function openLog(stateDir: string, runId: string): Promise<FileHandle> {
  await makePrivateFolder(join(stateDir, "logs"));
  return open(logFile(stateDir, runId), "a", 0o600);
}

function logFile(stateDir: string, runId: string): string {
  return join(stateDir, "logs", `${runId.replace(/[^\w.-]/g, "_")}.jsonl`);
}
