import type { CheckResult } from "../../api/checks.ts";
import type { Host, OpenProject } from "../../pipeline/index.ts";
import type { Model } from "../../project/project.ts";
import type { DatasetScore } from "../../quality/score.ts";
import type { CommandSpec } from "../command.ts";
import { type CliContext, say, writeJson, writeLines } from "../context.ts";
import { withProject } from "../open.ts";
import { selectArgument } from "../plan-options.ts";
import { exitCodes } from "../terminal/failure.ts";
import { counted, styleFor } from "../terminal/style.ts";
import { renderCheck } from "../terminal/summary.ts";

export const command: CommandSpec = {
  name: "check",
  description:
    "Run the checks of datasets on what is published now. A run does the same before it publishes; this is for looking again, for example at freshness. It ends with the score of each dataset: by dimension, from 0 to 100 %, and how many of the six dimensions its checks measure.",
  arguments: [selectArgument],
  examples: [
    ["shoplake check", "all checks of all datasets"],
    ["shoplake check silver.orders", "of one dataset"],
    ["shoplake check gold --json", "{ results, scores } as data, with the queries that find the bad rows"],
  ],
  async run(context, select) {
    return withProject(
      context,
      async (project) => {
        const checked: Checked[] = [];
        for (const model of await selectedModels(project, select)) {
          context.signal.throwIfAborted();
          checked.push(...(await checkPublished(context, project.host, model)));
        }
        const results = checked.flatMap((one) => one.results);
        const scores = checked.map((one) => one.score);
        if (context.flags.json) writeJson(context, { results, scores });
        else await writeResults(context, results, scores);
        const { blocks } = await import("../../quality/run-checks.ts");
        return results.some(blocks) ? exitCodes.failed : exitCodes.good;
      },
      { askSources: false },
    );
  },
};

interface Checked {
  readonly results: readonly CheckResult[];
  readonly score: DatasetScore;
}

async function selectedModels(
  { catalogue }: OpenProject,
  select: readonly string[],
): Promise<readonly Model[]> {
  const { selectNodes } = await import("../../pipeline/index.ts");
  const nodes = selectNodes(catalogue.graph, select, catalogue.project.schedules);
  return nodes.flatMap(({ work }) => (work.kind === "model" ? [work.model] : []));
}

/** Nothing of a dataset that was never published. */
async function checkPublished(context: CliContext, host: Host, model: Model): Promise<readonly Checked[]> {
  const { auditPublished } = await import("../../pipeline/model/audit.ts");
  const { scoreOfModel } = await import("../../app/score.ts");
  const audit = await auditPublished(host, model, context.signal);
  if (audit === undefined) {
    say(context, `${model.dataset} has never been published: not checked`);
    return [];
  }
  const { from, results } = audit;
  const [found] = await host.engine.rows<{ rows: string }>(`SELECT toString(count()) AS rows FROM ${from}`, {
    signal: context.signal,
  });
  const rows = Number(found?.rows ?? 0);
  return [{ results, score: await scoreOfModel(host, model, { results, rows }) }];
}

async function writeResults(
  context: CliContext,
  results: readonly CheckResult[],
  scores: readonly DatasetScore[],
): Promise<void> {
  const { renderScores } = await import("../../app/score.ts");
  const color = context.flags.color && context.stdout.isTTY === true;
  const style = styleFor(color);
  const columns = context.stdout.isTTY ? context.stdout.columns : undefined;
  const lines = results.flatMap((result) =>
    result.success
      ? [`  ${style.green("✔ pass")}  ${result.dataset}  ${result.name}`]
      : renderCheck(result, { columns, color, style }),
  );
  writeLines(context, lines);
  if (scores.length > 0) writeLines(context, ["", ...renderScores(scores, { columns, style })]);
  const bad = results.filter((result) => !result.success).length;
  say(context, `${counted(results.length, "check")}, ${bad === 0 ? "all passed" : `${bad} did not pass`}`);
}
