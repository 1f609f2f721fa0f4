/** What the ops tables hold, as objects. */
import type { CheckResult } from "../api/checks.ts";
import type { RunState, TaskCounts, TaskState } from "../api/runs.ts";
import type { PlainError } from "../util/errors.ts";

export interface RunRecord {
  readonly runId: string;
  readonly state: RunState;
  readonly startedAt: Date;
  readonly endedAt?: Date;
  /** The selectors and options it was started with, as a person typed them: "+gold --full-refresh". */
  readonly selection?: string;
  readonly host?: string;
  readonly pid?: number;
  /** Number of planned tasks. */
  readonly tasks?: number;
  readonly error?: string;
}

export interface TaskRecord {
  /** Of all attempts of the task in this run. Recording the same attempt and state again changes nothing. */
  readonly taskId: string;
  readonly runId: string;
  readonly dataset: string;
  readonly layer: string;
  /** From 1. */
  readonly attempt: number;
  readonly state: TaskState;
  readonly action: string;
  readonly reason: string;
  /** Version that is published after it; absent: none. */
  readonly version?: number;
  readonly counts?: TaskCounts;
  /** Versions it read, by dataset. */
  readonly inputs?: Readonly<Record<string, number>>;
  readonly error?: PlainError;
  /** Milliseconds by step. */
  readonly stepsMs?: Readonly<Record<string, number>>;
  readonly startedAt: Date;
  readonly endedAt?: Date;
}

export interface PublicationRecord {
  readonly dataset: string;
  readonly version: number;
  /** Also the id under which the rejects of this publication were staged. */
  readonly taskId: string;
  readonly runId: string;
  /** `full`: its rejects supersede all earlier ones of the dataset; `increment`: they add. */
  readonly mode: "full" | "increment";
  /** Files whose earlier rejects are closed, e.g. because a corrected one came. Default none. */
  readonly supersededSources?: readonly string[];
  readonly counts: TaskCounts;
  /** Rows of the whole dataset after it, when known; what a volume check compares. Default: counts.published. */
  readonly rows?: number;
  readonly inputs?: Readonly<Record<string, number>>;
}

/** Times are ISO 8601 in UTC. */
export interface RunRow {
  readonly runId: string;
  readonly state: RunState;
  readonly startedAt: string;
  readonly endedAt: string | undefined;
  readonly selection: string;
  readonly host: string;
  readonly pid: number;
  readonly tasks: number;
  readonly error: string;
}

export interface TaskRow {
  readonly taskId: string;
  readonly runId: string;
  readonly dataset: string;
  readonly layer: string;
  readonly attempt: number;
  readonly state: TaskState;
  readonly action: string;
  readonly reason: string;
  readonly version: number | undefined;
  readonly counts: TaskCounts;
  readonly inputs: Readonly<Record<string, number>>;
  readonly error: PlainError | undefined;
  readonly stepsMs: Readonly<Record<string, number>>;
  readonly startedAt: string;
  readonly endedAt: string | undefined;
}

export interface PublicationRow {
  readonly dataset: string;
  readonly version: number;
  readonly taskId: string;
  readonly runId: string;
  readonly mode: "full" | "increment";
  readonly supersededSources: readonly string[];
  readonly counts: TaskCounts;
  readonly rows: number;
  readonly inputs: Readonly<Record<string, number>>;
  readonly publishedAt: string;
}

/** A check result with the task that gave it. */
export interface CheckRow extends CheckResult {
  readonly runId: string;
  readonly taskId: string;
  readonly recordedAt: string;
}

export interface RunDetail {
  readonly run: RunRow;
  readonly tasks: readonly TaskRow[];
  readonly checks: readonly CheckRow[];
}
