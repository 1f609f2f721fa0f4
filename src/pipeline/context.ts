/** What a run works with. Interfaces only: `src/host` fills them in. */
import type { Home, Layer } from "../api/datasets.ts";
import type { Column, Engine } from "../engine/engine.ts";
import type { Lake } from "../lake/lake.ts";
import type { Model, Project } from "../project/project.ts";
import type { Sink } from "../sinks/sink.ts";
import type { Source, SourceTable } from "../sources/source.ts";
import type { Owner } from "../state/owners.ts";
import type { State } from "../state/state.ts";
import type { Slots } from "../util/slots.ts";
import type { Warehouse } from "../warehouse/warehouse.ts";
import type { GraphNode } from "./graph/graph.ts";
import type { TaskJournal } from "./journal.ts";
import type { MadeDecision } from "./plan/decide.ts";
import type { Pins } from "./plan/pins.ts";

/** What lives as long as the process. */
export interface Host {
  /** Absolute folder of the project. */
  readonly dir: string;
  /** Absolute folder of the project's state. */
  readonly stateDir: string;
  readonly engine: Engine;
  readonly lake: Lake;
  readonly warehouse: Warehouse;
  readonly state: State;
  readonly clock: () => Date;
  /** Unique, short, [a-z0-9]: names of runs and tasks. */
  readonly newId: () => string;
  /** This process, as leases, staged files, staged tables and histories name it. */
  readonly owner: Owner;
  /** How many tasks work at once in this process, whatever the number of runs. */
  readonly slots: Slots;
}

/** A dataset of the project: where it stands and who makes it. */
export interface Dataset {
  /** "silver.orders" */
  readonly name: string;
  readonly layer: Layer;
  readonly home: Home;
  /** Columns that it has, or will have when it is published for the first time; [] when nobody knows yet. */
  readonly columns: readonly Column[];
  /** The model that makes it; undefined for bronze. */
  readonly model: Model | undefined;
  /** The table that it is read from; undefined for what a model makes. */
  readonly origin: { readonly source: string; readonly table: string } | undefined;
}

/** Sources and sinks of a project, opened when they are used for the first time. */
export interface Adapters {
  /** Throws `internal` for a name that the project does not have, and what opening it throws. */
  source(name: string): Source;
  /** Throws `internal` for a name that the project does not have, and what opening it throws. */
  sink(name: string): Sink;
}

/** The project as resolved at one moment. Never changed: `refresh` gives the next one. */
export interface Catalogue {
  /** Dependencies and schemas of the models are filled in. */
  readonly project: Project;
  /** Tables of every source that this project reads, by source name. */
  readonly tables: Readonly<Record<string, readonly SourceTable[]>>;
  /** By name. */
  readonly datasets: ReadonlyMap<string, Dataset>;
  /** Tables of sources, models and deliveries, each after what it depends on. */
  readonly graph: readonly GraphNode[];
  readonly adapters: Adapters;
  /** The same files resolved against the columns that bronze has now; this catalogue when they are the same. */
  refresh(): Promise<Catalogue>;
}

/** A host and the project that it works on. */
export interface OpenProject {
  readonly host: Host;
  readonly catalogue: Catalogue;
}

/** What it takes to decide about a dataset, without writing anything. */
export interface Reading extends OpenProject {
  /** Everything is built anew. */
  readonly fullRefresh: boolean;
  /** Only the partitions of this time are built anew. */
  readonly interval: Interval | undefined;
  readonly pins: Pins;
  readonly signal: AbortSignal;
}

/** One attempt of one task. */
export interface TaskContext extends Reading {
  readonly runId: string;
  readonly taskId: string;
  /** What the task publishes, or the name of a delivery. */
  readonly dataset: string;
  /** Places of rejects that a source shall read once more. */
  readonly again?: readonly string[] | undefined;
  /** What the plan decided about the model; absent: nothing yet. */
  readonly made?: MadeDecision | undefined;
  /** Throws when another process has taken the dataset's lease: called right before publishing. */
  readonly fence: () => Promise<void>;
  /** Absolute folder for spooled files and pipes of this attempt. */
  readonly spool: string;
  /** Where the task tells what it does. */
  readonly journal: TaskJournal;
}

/** A half-open span of time, ISO texts. */
export interface Interval {
  readonly start: string;
  readonly end: string;
}
