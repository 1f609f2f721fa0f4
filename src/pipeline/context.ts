/** What a run works with: interfaces only; `workspace.ts` puts the adapters in. */
import type { Column, Engine } from "../engine/engine.ts";
import type { Lake } from "../lake/lake.ts";
import type { Project } from "../project/project.ts";
import type { Sink } from "../sinks/sink.ts";
import type { Source, SourceTable } from "../sources/source.ts";
import type { State } from "../state/state.ts";
import type { RunEmitter } from "../telemetry/events.ts";
import type { Warehouse } from "../warehouse/warehouse.ts";
import type { Pins } from "./plan/pins.ts";

export interface Workspace {
  /** Resolved: dependencies and schemas are filled in. */
  readonly project: Project;
  /** The project resolved once more, against the columns that bronze has now. Cheap when they are the same. */
  resolve(): Promise<Project>;
  readonly engine: Engine;
  readonly lake: Lake;
  readonly warehouse: Warehouse;
  readonly state: State;
  readonly sources: Readonly<Record<string, Source>>;
  readonly sinks: Readonly<Record<string, Sink>>;
  /** Tables of every source that this project reads, by source name. */
  readonly sourceTables: Readonly<Record<string, readonly SourceTable[]>>;
  /** Columns of bronze datasets when it was opened: published ones, or those that the source describes; [] when nobody knows. */
  readonly bronze: Readonly<Record<string, readonly Column[]>>;
  readonly clock: () => Date;
  /** This process, as leases and histories name it. */
  readonly host: { readonly name: string; readonly pid: number };
  readonly startedAt: Date;
  /** Unique, short, [a-z0-9]: names of runs and tasks. */
  readonly newId: () => string;
  close(): Promise<void>;
}

/** One attempt of one task. */
export interface TaskContext {
  readonly workspace: Workspace;
  readonly runId: string;
  readonly taskId: string;
  readonly dataset: string;
  readonly fullRefresh: boolean;
  readonly interval: Interval | undefined;
  /** Places of rejects that a source shall read once more. */
  readonly again?: readonly string[] | undefined;
  readonly pins: Pins;
  /** Throws when another process has taken the dataset's lease: called right before publishing. */
  readonly fence: () => Promise<void>;
  /** Absolute folder for spooled files and pipes of this attempt. */
  readonly spool: string;
  readonly signal: AbortSignal;
  readonly events: RunEmitter;
}

/** A half-open span of time, ISO texts. */
export interface Interval {
  readonly start: string;
  readonly end: string;
}
