/** What the ways of staging a model share. */

import type { TaskCounts } from "../../api/runs.ts";
import type { QueryOptions } from "../../engine/engine.ts";
import { idents } from "../../engine/sql.ts";
import type { Model } from "../../project/project.ts";
import type { StagedRejects } from "../../quality/quarantine.ts";
import type { GuardedRows } from "../../quality/rejects.ts";
import { ShoplakeError } from "../../util/errors.ts";
import type { TaskContext } from "../context.ts";
import type { Decision } from "../plan/decide.ts";
import type { Replaces, Staged, Target } from "../target/target.ts";

/** The rows of a model, written aside and counted. */
export interface StagedModel {
  /** What the target needs to publish them. */
  readonly staged: Staged;
  /** What became of every row that was read. */
  readonly counts: TaskCounts;
}

/** What all ways of writing a model aside are given. */
export interface Staging {
  /** For whom. */
  readonly task: TaskContext;
  /** `sql` reads the inputs at the versions of the decision. */
  readonly model: Model;
  /** Where the rows will be published. */
  readonly target: Target;
  /** How much is rebuilt, and from which versions. */
  readonly decision: Decision;
  /** Parameters and signal of every statement. */
  readonly options: QueryOptions;
}

/** Writes the rows of `select` aside in the model's columns. */
export function write(
  { target, model, decision, options }: Staging,
  select: string,
  replaces: Replaces,
): Promise<Staged> {
  return target.stage({
    select,
    columns: model.schema,
    replaces,
    record: decision.record,
    mode: modeOf(decision),
    base: decision.current,
    options,
  });
}

/** What the rejects of a task do to earlier ones: `full` supersedes them, `increment` adds. */
export function modeOf({ action }: Decision): "full" | "increment" {
  return action === "full" ? "full" : "increment";
}

/** What `stageRejects` needs to keep the rejects among `guarded` rows. */
export function rejectsOf({ model, task }: Staging, guarded: GuardedRows): StagedRejects {
  return {
    dataset: model.dataset,
    runId: task.runId,
    taskId: task.taskId,
    ...guarded,
    model,
    at: task.host.clock(),
  };
}

/** Like `write`, when it is known how many rows that must be. Throws `internal` and keeps nothing when it is another number. */
export async function writeExactly(
  staging: Staging,
  rows: { readonly select: string; readonly replaces: Replaces; readonly expected: number },
): Promise<Staged> {
  const staged = await write(staging, rows.select, rows.replaces);
  if (staged.written === rows.expected) return staged;
  await staged.discard();
  throw new ShoplakeError(
    "internal",
    `rows do not reconcile: ${rows.expected} should have been written, ${staged.written} were`,
    {
      where: staging.model.dataset,
      hint: "Nothing was published. Please report this with the model.",
    },
  );
}

/** The model's columns as a list for a SELECT. */
export const columnsOf = (model: Model): string => idents(model.schema.map((column) => column.name));
