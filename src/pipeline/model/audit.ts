/** Runs a dataset's checks: on rows that no reader sees yet, or on what is published. */

import type { CheckResult } from "../../api/checks.ts";
import type { Model } from "../../project/project.ts";
import { judgesRows } from "../../quality/compile-checks.ts";
import { checksOf } from "../../quality/model-checks.ts";
import { blocks, type RunChecksOptions, runChecks } from "../../quality/run-checks.ts";
import { type Problem, ShoplakeError } from "../../util/errors.ts";
import type { Host, TaskContext } from "../context.ts";
import { publishedInput } from "../plan/inputs.ts";
import type { StagedModel } from "./staging.ts";

/** Results of all checks; bad data does not throw. */
export async function audit(
  task: TaskContext,
  model: Model,
  { staged, counts }: StagedModel,
): Promise<readonly CheckResult[]> {
  const { host, signal } = task;
  const checks = checksOf(model);
  const whole = staged.fresh === staged.future;
  const onFresh = whole ? [] : checks.filter(judgesRows);
  const columnsOf = (names: readonly string[]) =>
    names.flatMap((name) => model.schema.filter((column) => column.name === name));
  const judged = {
    taskId: task.taskId,
    read: counts.read,
    rejected: counts.rejected,
    key: columnsOf(model.key),
    newestBy: columnsOf(model.newestBy),
  };
  const onFuture = checks.filter((check) => !onFresh.includes(check));
  const results = [
    ...(await runOn(host, model, { from: staged.fresh, checks: onFresh, signal })),
    ...(await runOn(host, model, { from: staged.future, checks: onFuture, signal, task: judged })),
  ];
  for (const result of results) task.journal.checked(result);
  return results;
}

/** Results of the same checks on all published rows; undefined when the model was never published. */
export async function auditPublished(
  host: Host,
  model: Model,
  signal: AbortSignal,
): Promise<{ readonly from: string; readonly results: readonly CheckResult[] } | undefined> {
  const published = await publishedInput(host, model.dataset);
  if (published === undefined) return undefined;
  const { from } = published;
  return { from, results: await runOn(host, model, { from, checks: checksOf(model), signal }) };
}

/** The failure that stops a publication, if there is one. */
export function blockingFailure(dataset: string, results: readonly CheckResult[]): ShoplakeError | undefined {
  const failed = results.filter(blocks);
  if (failed.length === 0) return undefined;
  const names = failed.map((result) => result.name).join(", ");
  return new ShoplakeError(
    "quality",
    `${failed.length === 1 ? "check" : `${failed.length} checks`} failed: ${names}`,
    {
      where: dataset,
      hint: "Nothing was published; the last good version is still served. Fix the data, the model or the check, and run again.",
      problems: failed.map(problemOf),
    },
  );
}

function runOn(
  host: Host,
  model: Model,
  on: Pick<RunChecksOptions, "from" | "checks" | "task"> & { readonly signal: AbortSignal },
): Promise<readonly CheckResult[]> {
  const { engine, state, clock } = host;
  const pii = model.columns.filter((column) => column.tags.includes("pii")).map((column) => column.name);
  return runChecks({
    ...on,
    engine,
    dataset: model.dataset,
    sortedBy: model.layer === "gold" ? model.orderBy : [],
    resolve: async (dataset) => (await publishedInput(host, dataset))?.from,
    history: async (points) => (await state.publications.list(model.dataset, points)).map(({ rows }) => rows),
    clock,
    masked: pii.length === 0 ? [] : [...pii, "_raw"],
  });
}

function problemOf(result: CheckResult): Problem {
  const [, file, line] = /^(.*):(\d+)$/.exec(result.location) ?? [undefined, result.location, undefined];
  return {
    message: `${result.name}: ${result.message}`,
    ...(file === undefined ? {} : { file }),
    ...(line === undefined ? {} : { line: Number(line) }),
  };
}
