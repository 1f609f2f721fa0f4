/** What the ops tables hold, as objects. Times of rows are ISO 8601 in UTC. */
import type { CheckResult } from "../api/checks.ts";
import type { InputVersions, RunState, TaskCounts, TaskState } from "../api/runs.ts";
import type { PlainError } from "../util/errors.ts";

export interface RunRecord {
  readonly runId: string;
  readonly state: RunState;
  readonly startedAt: Date;
  /** Default: it goes on. */
  readonly endedAt?: Date;
  /** The selectors and options it was started with, as a person typed them: "+gold --full-refresh". Default "". */
  readonly selection?: string;
  /** Machine of the process that works on it, for people. Default "". */
  readonly host?: string;
  /** Process id on that machine, for people. Default 0. */
  readonly pid?: number;
  /** Id of the owner that works on it: whether it lives is asked with this. Default "": nobody can be asked. */
  readonly owner?: string;
  /** Number of planned tasks. Default 0. */
  readonly tasks?: number;
  /** Why the run itself ended early. Default "". */
  readonly error?: string;
}

/** A task at one moment: queued, started, or ended. */
export interface TaskRecord {
  /** Of all attempts of the task in this run. Recording the same attempt and state again changes nothing. */
  readonly taskId: string;
  readonly runId: string;
  readonly dataset: string;
  readonly layer: string;
  /** From 1; 0: not attempted yet, or never. */
  readonly attempt: number;
  readonly state: TaskState;
  readonly action: string;
  /** One line for a person. */
  readonly reason: string;
  /** Version that is published after it; absent: none. */
  readonly version?: number;
  /** Default: zeros. A failed task has those of what it had published before. */
  readonly counts?: TaskCounts;
  /** Bytes of the data files or parts it wrote. Default 0. */
  readonly bytes?: number;
  /** Versions it read, by dataset. Default: none. */
  readonly inputs?: InputVersions;
  readonly error?: PlainError;
  /** Milliseconds by step: plan, stage, audit, publish, record. Default: none. */
  readonly stepsMs?: Readonly<Record<string, number>>;
  /** When its run was ready to start it. Default: `startedAt`. */
  readonly queuedAt?: Date;
  /** When its first attempt started; of one that has not: when it was queued. */
  readonly startedAt: Date;
  /** Default: it goes on. */
  readonly endedAt?: Date;
}

export interface PublicationRecord {
  readonly dataset: string;
  /** For people; what a version is, `versionId` says. */
  readonly version: number;
  /** Names the version: opaque, compared whole. Default "": only the number is known. */
  readonly versionId?: string;
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
  /** Ids of the versions it was built from. Default: none. */
  readonly inputs?: InputVersions;
  /** When it was published. Default: the moment of recording. Who records it later gives its own time. */
  readonly publishedAt?: Date;
}

export interface RunRow {
  readonly runId: string;
  readonly state: RunState;
  readonly startedAt: string;
  /** undefined: it goes on. */
  readonly endedAt: string | undefined;
  readonly selection: string;
  readonly host: string;
  readonly pid: number;
  /** "" for runs of version 0.1.0. */
  readonly owner: string;
  /** Number of planned tasks. */
  readonly tasks: number;
  /** Why the run itself ended early, "" otherwise. */
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
  readonly bytes: number;
  readonly inputs: InputVersions;
  readonly error: PlainError | undefined;
  readonly stepsMs: Readonly<Record<string, number>>;
  readonly queuedAt: string;
  readonly startedAt: string;
  readonly endedAt: string | undefined;
}

export interface PublicationRow {
  readonly dataset: string;
  readonly version: number;
  /** Names the version; "" when release 0.1.0 recorded it, which kept numbers only. */
  readonly versionId: string;
  readonly taskId: string;
  readonly runId: string;
  readonly mode: "full" | "increment";
  readonly supersededSources: readonly string[];
  readonly counts: TaskCounts;
  /** Rows of the whole dataset after it. */
  readonly rows: number;
  readonly inputs: InputVersions;
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
