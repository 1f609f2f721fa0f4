/** Runs a dataset's checks on rows that no reader sees yet. */
import type { Model } from "../project/project.ts";
import type { CheckResult, CheckSpec } from "../quality/check.ts";
import { blocks, runChecks } from "../quality/run-checks.ts";
import { type Problem, ShoplakeError } from "../util/errors.ts";
import type { TaskContext } from "./context.ts";
import { publishedInput } from "./inputs.ts";
import type { Staged } from "./target.ts";

/** Types whose verdict on a row needs only that row: the rows written aside are enough. */
const rowTypes = new Set(["not_null", "accepted_values", "accepted_range", "regex", "type", "relationships"]);

/** Results of all checks; bad data does not throw. */
export async function audit(
  task: TaskContext,
  model: Model,
  staged: Staged,
): Promise<readonly CheckResult[]> {
  const checks = [...model.checks, ...impliedChecks(model)];
  const whole = staged.fresh === staged.future;
  const onFresh = whole ? [] : checks.filter((check) => rowTypes.has(check.type));
  const onFuture = checks.filter((check) => !onFresh.includes(check));
  const results = [
    ...(await runOn(task, model, { from: staged.fresh, checks: onFresh })),
    ...(await runOn(task, model, { from: staged.future, checks: onFuture })),
  ];
  for (const result of results) task.events.emit("check.result", { runId: task.runId, result });
  return results;
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

/** A key that the platform does not choose by must be unique already. */
function impliedChecks(model: Model): readonly CheckSpec[] {
  if (model.key.length === 0 || model.newestBy.length > 0) return [];
  const declared = model.checks.some(
    (check) => check.type === "unique" && check.severity === "error" && check.where === undefined,
  );
  if (declared && model.key.length === 1) return [];
  return [
    {
      name: `unique_${model.key.join("_")}`,
      type: "unique",
      arguments: { columns: model.key },
      severity: "error",
      dimension: "uniqueness",
      location: model.file,
    },
  ];
}

function runOn(
  task: TaskContext,
  model: Model,
  on: { readonly from: string; readonly checks: readonly CheckSpec[] },
): Promise<readonly CheckResult[]> {
  const { engine, state, clock } = task.workspace;
  return runChecks({
    engine,
    checks: on.checks,
    dataset: model.dataset,
    from: on.from,
    columns: model.schema,
    resolve: async (dataset) => (await publishedInput(task.workspace, dataset))?.from,
    history: (points) => state.rowCountHistory(model.dataset, points),
    clock,
    signal: task.signal,
    masked: model.columns.filter((column) => column.tags.includes("pii")).map((column) => column.name),
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
