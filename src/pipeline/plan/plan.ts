/** What a run would do, before it does anything. */
import { isLostEngine, ShoplakeError } from "../../util/errors.ts";
import { retrying } from "../../util/retry.ts";
import type { Host, OpenProject, Reading } from "../context.ts";
import type { GraphNode } from "../graph/graph.ts";
import { selectNodes } from "../graph/select.ts";
import { intervalOf, type Plan, type PlannedTask, type PlanOptions } from "../types.ts";
import { decide, type MadeDecision } from "./decide.ts";
import { isPublished } from "./inputs.ts";
import { openPins } from "./pins.ts";

/** A task of a plan with the decision about its model, so that the run does not have to make it again. */
export interface DecidedTask extends PlannedTask {
  /** Of a model whose inputs are published; plain data, but nothing for people. */
  readonly made?: MadeDecision;
}

/** A plan as the planner makes it. */
export interface DecidedPlan extends Plan {
  /** In an order in which they can run. */
  readonly tasks: readonly DecidedTask[];
}

/** Tasks in the order they can run. Throws `usage` for a selector that matches nothing. */
export async function createPlan(
  project: OpenProject,
  options: PlanOptions = {},
  signal: AbortSignal = new AbortController().signal,
): Promise<DecidedPlan> {
  return retrying(() => planOnce(project, options, signal), { attempts: 3, again: isLostEngine });
}

async function planOnce(
  { host, catalogue }: OpenProject,
  options: PlanOptions,
  signal: AbortSignal,
): Promise<DecidedPlan> {
  await host.warehouse.versions();
  const chosen = selectNodes(catalogue.graph, options.select ?? [], catalogue.project.schedules);
  const names = new Set(chosen.map((node) => node.dataset));
  const pins = openPins(host.engine, host.newId());
  const { fullRefresh = false } = options;
  const reading: Reading = { host, catalogue, fullRefresh, interval: intervalOf(options), pins, signal };
  const tasks: DecidedTask[] = [];
  try {
    for (const node of chosen) {
      signal.throwIfAborted();
      tasks.push(await planNode({ reading, names, tasks, options }, node));
    }
  } finally {
    await pins.drop().catch(() => undefined);
  }
  return { tasks, options };
}

interface Planning {
  readonly reading: Reading;
  /** What the plan was asked for. */
  readonly options: PlanOptions;
  /** Datasets of the plan to come. */
  readonly names: ReadonlySet<string>;
  /** Tasks that come before. */
  readonly tasks: readonly PlannedTask[];
}

/** A dataset whose log is damaged does not stop the plan of others: its own task tells what is wrong. */
async function planNode(planning: Planning, node: GraphNode): Promise<DecidedTask> {
  try {
    return await planSoundNode(planning, node);
  } catch (error) {
    if (!(error instanceof ShoplakeError) || error.code !== "lake") throw error;
    const dependsOn = node.dependsOn.filter((name) => planning.names.has(name));
    const reason = `cannot be planned: ${error.message}`;
    return { dataset: node.dataset, layer: node.layer, dependsOn, action: "upstream", reason };
  }
}

async function planSoundNode(planning: Planning, node: GraphNode): Promise<DecidedTask> {
  const dependsOn = node.dependsOn.filter((name) => planning.names.has(name));
  const base = { dataset: node.dataset, layer: node.layer, dependsOn };
  if (node.work.kind === "source")
    return {
      ...base,
      action: "extract",
      reason:
        planning.options.reload === true
          ? `read ${node.work.source} from the start`
          : `ask ${node.work.source} for what bronze does not hold yet`,
    };
  if (node.work.kind === "sink")
    return { ...base, action: "deliver", reason: `make ${node.work.sink} equal to ${node.work.dataset}` };
  const moving = dependsOn.filter((name) =>
    planning.tasks.some((task) => task.dataset === name && task.action !== "none"),
  );
  const missing = await unpublished(planning.reading.host, node.dependsOn);
  if (missing.some((name) => dependsOn.includes(name)))
    return { ...base, action: "upstream", reason: `first build, after ${missing.join(", ")}` };
  const decision = await decide(planning.reading, node.work.model);
  const { made } = decision;
  if (decision.action === "none" && moving.length > 0)
    return {
      ...base,
      made,
      action: "upstream",
      reason: `if ${moving.join(", ")} ${moving.length === 1 ? "has" : "have"} new rows`,
    };
  const { action, reason, partitions } = decision;
  return { ...base, made, action, reason, ...(partitions === undefined ? {} : { partitions }) };
}

async function unpublished(host: Host, datasets: readonly string[]): Promise<readonly string[]> {
  const published = await Promise.all(datasets.map((dataset) => isPublished(host, dataset)));
  return datasets.filter((_, index) => published[index] === false);
}
