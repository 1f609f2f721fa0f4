/** What the ops tables hold, as objects. Times of rows are ISO 8601 in UTC. */
import type { CheckResult } from "../api/checks.ts";
import type { InputVersions, RunState, TaskCounts, TaskState } from "../api/runs.ts";
import type { PlainError } from "../util/errors.ts";

/** A run at its start or its end, as it is written. */
export interface RunRecord {
  /** Unique; the same for the start and the end. */
  readonly runId: string;
  /** `running` at the start, a final state at the end. */
  readonly state: RunState;
  /** The same in every record of the run: it decides the month that keeps it. */
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
  /** The run that it is part of. */
  readonly runId: string;
  /** What it publishes: "silver.orders", or "<sink>:<dataset>" for a delivery. */
  readonly dataset: string;
  /** "bronze", "silver", "gold" or "sink". */
  readonly layer: string;
  /** From 1; 0: not attempted yet, or never. */
  readonly attempt: number;
  /** A later state of the same attempt replaces the earlier one. */
  readonly state: TaskState;
  /** What was decided in the plan, such as "full" or "merge". */
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
  /** Why it failed, was cancelled or is tried again. Default: nothing went wrong. */
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

/** A version that was published, as it is written. */
export interface PublicationRecord {
  /** Full name: "silver.orders". */
  readonly dataset: string;
  /** For people; what a version is, `versionId` says. */
  readonly version: number;
  /** Names the version: opaque, compared whole. Default "": only the number is known. */
  readonly versionId?: string;
  /** Also the id under which the rejects of this publication were staged. */
  readonly taskId: string;
  /** The run that published it. */
  readonly runId: string;
  /** `full`: its rejects supersede all earlier ones of the dataset; `increment`: they add. */
  readonly mode: "full" | "increment";
  /** Files whose earlier rejects are closed, e.g. because a corrected one came. Default none. */
  readonly supersededSources?: readonly string[];
  /** What became of the rows that this publication read. */
  readonly counts: TaskCounts;
  /** Rows of the whole dataset after it, when known; what a volume check compares. Default: counts.published. */
  readonly rows?: number;
  /** Ids of the versions it was built from. Default: none. */
  readonly inputs?: InputVersions;
  /** When it was published. Default: the moment of recording. Who records it later gives its own time. */
  readonly publishedAt?: Date;
}

/** A run as it is read, with its newest state. */
export interface RunRow {
  /** Unique among all runs of the project. */
  readonly runId: string;
  /** `running` also when its process died and nobody has noticed yet. */
  readonly state: RunState;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** undefined: it goes on. */
  readonly endedAt: string | undefined;
  /** The selectors and options as typed; "" when none were given. */
  readonly selection: string;
  /** Machine of its process, for people; "" when not recorded. */
  readonly host: string;
  /** Process id on that machine; 0 when not recorded. */
  readonly pid: number;
  /** "" for runs of version 0.1.0. */
  readonly owner: string;
  /** Number of planned tasks. */
  readonly tasks: number;
  /** Why the run itself ended early, "" otherwise. */
  readonly error: string;
}

/** A task as it is read: its newest attempt and state. */
export interface TaskRow {
  /** The same for all attempts. */
  readonly taskId: string;
  /** The run that it is part of. */
  readonly runId: string;
  /** "silver.orders", or "<sink>:<dataset>" for a delivery. */
  readonly dataset: string;
  /** "bronze", "silver", "gold" or "sink". */
  readonly layer: string;
  /** From 1; 0: not begun. */
  readonly attempt: number;
  /** Not final when its run goes on or its process died. */
  readonly state: TaskState;
  /** What was decided in the plan. */
  readonly action: string;
  /** Why, in one line for a person. */
  readonly reason: string;
  /** The version published after it; undefined: none. */
  readonly version: number | undefined;
  /** What became of the rows it read; zeros until it has published. */
  readonly counts: TaskCounts;
  /** Of the data files or parts it wrote; 0 when not known. */
  readonly bytes: number;
  /** Ids of the versions it read, by dataset; numbers as text in tasks of release 0.1.0. */
  readonly inputs: InputVersions;
  /** Why it failed, was cancelled or is tried again; undefined: nothing went wrong. */
  readonly error: PlainError | undefined;
  /** Milliseconds by step; empty when not measured. */
  readonly stepsMs: Readonly<Record<string, number>>;
  /** ISO 8601, UTC. */
  readonly queuedAt: string;
  /** ISO 8601, UTC: of the first attempt; when it was queued, if it was not begun. */
  readonly startedAt: string;
  /** ISO 8601, UTC; undefined: it goes on. */
  readonly endedAt: string | undefined;
}

/** A publication as it is read. */
export interface PublicationRow {
  /** Full name: "silver.orders". */
  readonly dataset: string;
  /** For people; a restored dataset may use a number again. */
  readonly version: number;
  /** Names the version; "" when release 0.1.0 recorded it, which kept numbers only. */
  readonly versionId: string;
  /** Rejects of this publication are kept under the same id. */
  readonly taskId: string;
  /** The run that published it. */
  readonly runId: string;
  /** `full`: it replaced everything, earlier rejects included. */
  readonly mode: "full" | "increment";
  /** Files whose earlier rejects it closed. */
  readonly supersededSources: readonly string[];
  /** What became of the rows that this publication read. */
  readonly counts: TaskCounts;
  /** Rows of the whole dataset after it. */
  readonly rows: number;
  /** Ids of the versions it was built from, by dataset. */
  readonly inputs: InputVersions;
  /** ISO 8601, UTC. */
  readonly publishedAt: string;
}

/** A check result with the task that gave it. */
export interface CheckRow extends CheckResult {
  /** The run whose audit it was. */
  readonly runId: string;
  /** Results of one audit have the same one. */
  readonly taskId: string;
  /** ISO 8601, UTC. */
  readonly recordedAt: string;
}

/** A run with everything that was recorded of it. */
export interface RunDetail {
  /** The run itself. */
  readonly run: RunRow;
  /** In the order of their starts. */
  readonly tasks: readonly TaskRow[];
  /** By dataset and name. */
  readonly checks: readonly CheckRow[];
}
