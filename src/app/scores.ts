/** Scores of datasets, from results of checks and from the quarantine. */

import type { CheckResult } from "../api/checks.ts";
import type { Host } from "../pipeline/index.ts";
import type { Model } from "../project/project.ts";
import { type DatasetScore, scoreOf } from "../quality/score.ts";

/** The score of published rows. Open rejects count as invalid rows, where the model has row rules. */
export async function scoreOfModel(
  host: Host,
  model: Model,
  of: { readonly results: readonly CheckResult[]; readonly rows: number },
): Promise<DatasetScore> {
  const { dataset } = model;
  const { results, rows } = of;
  const typed = model.columns.some((column) => column.type !== undefined);
  if (!typed && model.reject.length === 0) return scoreOf({ dataset, results });
  const [found] = await host.engine.rows<{ rejected: string }>(
    "SELECT toString(sum(occurrences)) AS rejected FROM ops.quarantine WHERE dataset = {dataset:String} AND status = 'open'",
    { params: { dataset } },
  );
  const rejected = Number(found?.rejected ?? 0);
  return scoreOf({ dataset, results, counts: { read: rows + rejected, rejected } });
}

/**
 * The score by the audit of the newest publication, without running a check. undefined when that audit is not about
 * all rows (an increment of a lake dataset looks at its new rows only), or when a later one failed.
 */
export async function lastScore(host: Host, model: Model, rows: number): Promise<DatasetScore | undefined> {
  const { state } = host;
  const [publication] = await state.publications.list(model.dataset, 1);
  if (publication === undefined || (publication.mode === "increment" && model.layer !== "gold"))
    return undefined;
  const results = await state.checks.newest(model.dataset);
  if (results.some(({ taskId }) => taskId !== publication.taskId)) return undefined;
  return scoreOfModel(host, model, { results, rows });
}
