/** Checks of what is published now. */

import type { CheckResult } from "../api/checks.ts";
import type { OpenProject } from "../pipeline/index.ts";
import { auditPublished, selectNodes } from "../pipeline/index.ts";
import type { Model } from "../project/project.ts";
import { blocks } from "../quality/run-checks.ts";
import type { DatasetScore } from "../quality/score.ts";
import { countRows } from "./datasets.ts";
import { scoreOfModel } from "./scores.ts";

/** What checks found. */
export interface Checked {
  /** Of all checks, dataset by dataset. */
  readonly results: readonly CheckResult[];
  /** Of each dataset that is published. */
  readonly scores: readonly DatasetScore[];
  /** Datasets that were not checked, as they have never been published. */
  readonly unpublished: readonly string[];
  /** True when a check of severity error did not pass. */
  readonly failed: boolean;
}

/** Runs the checks of the selected datasets. Throws `usage` for a selector that matches nothing. */
export async function checkPublished(
  project: OpenProject,
  select: readonly string[],
  signal: AbortSignal,
): Promise<Checked> {
  const results: CheckResult[] = [];
  const scores: DatasetScore[] = [];
  const unpublished: string[] = [];
  for (const model of selectedModels(project, select)) {
    signal.throwIfAborted();
    const audit = await auditPublished(project.host, model, signal);
    if (audit === undefined) {
      unpublished.push(model.dataset);
      continue;
    }
    const rows = await countRows(project.host, audit.from, signal);
    results.push(...audit.results);
    scores.push(await scoreOfModel(project.host, model, { results: audit.results, rows }));
  }
  return { results, scores, unpublished, failed: results.some(blocks) };
}

function selectedModels({ catalogue }: OpenProject, select: readonly string[]): readonly Model[] {
  const nodes = selectNodes(catalogue.graph, select, catalogue.project.schedules);
  return nodes.flatMap(({ work }) => (work.kind === "model" ? [work.model] : []));
}
