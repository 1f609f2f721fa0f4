/** A run while it is carried out: what its parts share. */
import type { Plan, PlannedTask } from "../api/plan.ts";
import type { Catalogue, GraphNode, Host, Pins, TaskJournal } from "../pipeline/index.ts";
import type { RunBus } from "../telemetry/bus.ts";

/** A plan while it is carried out. */
export interface RunWork {
  /** Where it runs. */
  readonly host: Host;
  /** As the run began with it. */
  readonly catalogue: Catalogue;
  /** What it carries out. */
  readonly plan: Plan;
  /** Id of the run. */
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
  /** When it started. */
  readonly startedAt: Date;
  /** In the order of the plan. */
  readonly tasks: readonly TaskWork[];
}

/** A task while it is carried out, all attempts together. */
export interface TaskWork {
  /** As planned. */
  readonly planned: PlannedTask;
  /** Of all attempts. */
  readonly taskId: string;
  /** What it has done so far. */
  readonly journal: TaskJournal;
}
