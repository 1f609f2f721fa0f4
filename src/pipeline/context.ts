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
  /** Runs all SQL. */
  readonly engine: Engine;
  /** Bronze and silver datasets. */
  readonly lake: Lake;
  /** Gold datasets. */
  readonly warehouse: Warehouse;
  /** The history of runs. */
  readonly state: State;
  /** The time; also what "now" is in models and checks. */
  readonly clock: () => Date;
  /** Unique, short, [a-z0-9]: names of runs and tasks. */
  readonly newId: () => string;
  /** This process, as leases, staged files, staged tables and histories name it. */
  readonly owner: Owner;
  /** How many tasks work at once in this process, whatever the number of runs. */
  readonly slots: Slots;
}

/** A dataset of the project: where it is kept and who makes it. */
export interface Dataset {
  /** "silver.orders" */
  readonly name: string;
  /** Bronze, silver or gold. */
  readonly layer: Layer;
  /** Where its rows are kept: lake or warehouse. */
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
  /** Those of this catalogue; closed with it. */
  readonly adapters: Adapters;
  /** The same files resolved against the columns that bronze has now; this catalogue when they are the same. */
  refresh(): Promise<Catalogue>;
}

/** A host and the project that it works on. */
export interface OpenProject {
  /** What lives as long as the process. */
  readonly host: Host;
  /** The project as it was resolved for this work. */
  readonly catalogue: Catalogue;
}

/** What it takes to decide about a dataset, without writing anything. */
export interface Reading extends OpenProject {
  /** Everything is built anew. */
  readonly fullRefresh: boolean;
  /** Only the partitions of this time are built anew. */
  readonly interval: Interval | undefined;
  /** Fixed versions of datasets under names that SQL can read. */
  readonly pins: Pins;
  /** Ends the work. */
  readonly signal: AbortSignal;
}

/** One attempt of one task. */
export interface TaskContext extends Reading {
  /** The run that it is part of. */
  readonly runId: string;
  /** The same for all attempts; also names what they stage. */
  readonly taskId: string;
  /** What the task publishes, or the name of a delivery. */
  readonly dataset: string;
  /** Places of rejects that a source shall read once more. */
  readonly again?: readonly string[] | undefined;
  /** What the plan decided about the model; absent: nothing yet. */
  readonly made?: MadeDecision | undefined;
  /** True: a source is read from the start, a sink compares all rows. Default false. */
  readonly reload?: boolean | undefined;
  /** Throws when another process has taken over the dataset's lease: called right before publishing. */
  readonly fence: () => Promise<void>;
  /** Absolute folder for spooled files and pipes of this attempt. */
  readonly spool: string;
  /** Where the task tells what it does. */
  readonly journal: TaskJournal;
}

/** A half-open span of time, ISO texts. */
export interface Interval {
  /** The first moment that belongs to it. */
  readonly start: string;
  /** The first moment that no longer belongs to it. */
  readonly end: string;
}
