/** What the parts of a run share while it is carried out. */
import type {
  Catalogue,
  DecidedPlan,
  DecidedTask,
  GraphNode,
  Host,
  Pins,
  TaskJournal,
} from "../pipeline/index.ts";
import type { RunBus } from "../telemetry/bus.ts";

/** A plan while it is carried out. */
export interface RunWork {
  /** Where it runs. */
  readonly host: Host;
  /** As the run began with it. */
  readonly catalogue: Catalogue;
  /** What it carries out. */
  readonly plan: DecidedPlan;
  /** Recorded with everything that it does, and shown to people. */
  readonly runId: string;
  /** Greater goes first where runs share slots. */
  readonly priority: number;
  /** Where it tells what happens. */
  readonly events: RunBus;
  /** Aborted when it is cancelled. */
  readonly signal: AbortSignal;
  /** Its views of inputs. */
  readonly pins: Pins;
  /** Of the catalogue, by dataset. */
  readonly nodes: ReadonlyMap<string, GraphNode>;
  /** Sources and sinks that could not be reached ("source shop"), with the dataset of the task that says why. */
  readonly down: Map<string, string>;
  /** When it started. */
  readonly startedAt: Date;
  /** In the order of the plan. */
  readonly tasks: readonly TaskWork[];
}

/** A task while it is carried out, all attempts together. */
export interface TaskWork {
  /** As planned. */
  readonly planned: DecidedTask;
  /** Of all attempts. */
  readonly taskId: string;
  /** What it has done so far. */
  readonly journal: TaskJournal;
}
