/** What the ways of staging a model share. */
import type { QueryOptions } from "../engine/engine.ts";
import { idents, text } from "../engine/sql.ts";
import type { Model } from "../project/project.ts";
import type { stageRejects } from "../quality/quarantine.ts";
import type { TaskCounts } from "../telemetry/events.ts";
import { ShoplakeError } from "../util/errors.ts";
import type { TaskContext } from "./context.ts";
import type { Decision } from "./decide.ts";
import type { Replaces, Staged, Target } from "./target.ts";

export interface StagedModel {
  readonly staged: Staged;
  readonly counts: TaskCounts;
  /** What the rejects of this task do to earlier ones: `full` supersedes them, `increment` adds. */
  readonly mode: "full" | "increment";
}

export interface Staging {
  readonly task: TaskContext;
  /** `sql` reads the inputs at the versions of the decision. */
  readonly model: Model;
  readonly target: Target;
  readonly decision: Decision;
  readonly options: QueryOptions;
}

export function write(staging: Staging, select: string, replaces: Replaces): Promise<Staged> {
  return staging.target.stage({ select, columns: staging.model.schema, replaces, options: staging.options });
}

/** What `stageRejects` needs to keep the rejects among `guarded` rows. */
export function rejectsOf({ model, task }: Staging, guarded: string): Parameters<typeof stageRejects>[1] {
  return {
    dataset: model.dataset,
    runId: task.runId,
    taskId: task.taskId,
    select: guarded,
    model,
    at: task.workspace.clock(),
  };
}

/** Throws `internal` when the rows written aside are not those that were counted. */
export function requireRows(
  model: Model,
  rows: { readonly expected: number; readonly written: number },
): void {
  if (rows.expected === rows.written) return;
  throw new ShoplakeError(
    "internal",
    `rows do not reconcile: ${rows.expected} should have been written, ${rows.written} were`,
    {
      where: model.dataset,
      hint: "Nothing was published. Please report this with the model.",
    },
  );
}

export const columnsOf = (model: Model): string => idents(model.schema.map((column) => column.name));

/** The condition that picks partitions by the text of their value; '' is NULL. */
export function partitionCondition(partitionBy: string, partitions: readonly string[]): string {
  return `ifNull(toString(${partitionBy}), '') IN (${partitions.map(text).join(", ")})`;
}
