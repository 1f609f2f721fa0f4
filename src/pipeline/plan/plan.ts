/** What a run would do, before it does anything. */
import type { Project } from "../../project/project.ts";
import { RunEmitter } from "../../telemetry/events.ts";
import { isLostEngine } from "../../util/errors.ts";
import { retrying } from "../../util/retry.ts";
import type { TaskContext, Workspace } from "../context.ts";
import { buildGraph, type DeclaredTable, type GraphNode, sinkNodes } from "../graph/graph.ts";
import { referencesAmong } from "../graph/references.ts";
import { selectNodes, selectorsOf } from "../graph/select.ts";
import type { Plan, PlannedTask, PlanOptions } from "../types.ts";
import { decide } from "./decide.ts";
import { isPublished } from "./inputs.ts";
import { openPins } from "./pins.ts";

/** All nodes of the project: tables of sources, models, deliveries to sinks. */
export function projectGraph(workspace: Pick<Workspace, "project" | "sourceTables">): readonly GraphNode[] {
  const tables = Object.entries(workspace.sourceTables).flatMap(([source, list]) =>
    list.map((table): DeclaredTable => ({ source, table: table.name })),
  );
  const nodes = buildGraph(workspace.project, tables);
  return [...nodes, ...deliveries(workspace.project, nodes)];
}

function deliveries(project: Project, nodes: readonly GraphNode[]): readonly GraphNode[] {
  return Object.entries(project.sinks).flatMap(([name, sink]) => {
    const taken = selectNodes(nodes, selectorsOf(sink), project.schedules);
    const datasets = taken.map(({ dataset }) => dataset);
    return sinkNodes(name, datasets, referencesAmong(project.models, new Set(datasets)));
  });
}

/** Tasks in the order they can run. Throws `usage` for a selector that matches nothing. */
export async function createPlan(workspace: Workspace, options: PlanOptions = {}): Promise<Plan> {
  return retrying(() => planOnce(workspace, options), { attempts: 3, again: isLostEngine });
}

async function planOnce(workspace: Workspace, options: PlanOptions): Promise<Plan> {
  await workspace.warehouse.versions();
  const chosen = selectNodes(projectGraph(workspace), options.select ?? [], workspace.project.schedules);
  const names = new Set(chosen.map((node) => node.dataset));
  const pins = openPins(workspace.engine, { pid: workspace.host.pid, id: workspace.newId() });
  const tasks: PlannedTask[] = [];
  try {
    for (const node of chosen) tasks.push(await planNode({ workspace, options, pins, names, tasks }, node));
  } finally {
    await pins.drop().catch(() => undefined);
  }
  return { tasks, options };
}

interface Planning {
  readonly workspace: Workspace;
  readonly options: PlanOptions;
  readonly pins: TaskContext["pins"];
  readonly names: ReadonlySet<string>;
  readonly tasks: readonly PlannedTask[];
}

async function planNode(planning: Planning, node: GraphNode): Promise<PlannedTask> {
  const dependsOn = node.dependsOn.filter((name) => planning.names.has(name));
  const base = { dataset: node.dataset, layer: node.layer, dependsOn };
  if (node.work.kind === "source")
    return {
      ...base,
      action: "extract",
      reason: `ask ${node.work.source} for what bronze does not hold yet`,
    };
  if (node.work.kind === "sink")
    return { ...base, action: "deliver", reason: `make ${node.work.sink} equal to ${node.work.dataset}` };
  const moving = dependsOn.filter((name) =>
    planning.tasks.some((task) => task.dataset === name && task.action !== "none"),
  );
  const missing = await unpublished(planning.workspace, node.dependsOn);
  if (missing.some((name) => dependsOn.includes(name)))
    return { ...base, action: "upstream", reason: `first build, after ${missing.join(", ")}` };
  const decision = await decide(planningTask(planning, node.dataset), node.work.model);
  if (decision.action === "none" && moving.length > 0)
    return {
      ...base,
      action: "upstream",
      reason: `if ${moving.join(", ")} ${moving.length === 1 ? "has" : "have"} new rows`,
    };
  const { action, reason, partitions } = decision;
  return { ...base, action, reason, ...(partitions === undefined ? {} : { partitions }) };
}

async function unpublished(workspace: Workspace, datasets: readonly string[]): Promise<readonly string[]> {
  const published = await Promise.all(datasets.map((dataset) => isPublished(workspace, dataset)));
  return datasets.filter((_, index) => published[index] === false);
}

/** A task that only plans. */
function planningTask({ workspace, options, pins }: Planning, dataset: string): TaskContext {
  const { intervalStart, intervalEnd } = options;
  return {
    workspace,
    runId: "plan",
    taskId: "plan",
    dataset,
    fullRefresh: options.fullRefresh === true,
    interval:
      intervalStart === undefined || intervalEnd === undefined
        ? undefined
        : { start: intervalStart, end: intervalEnd },
    pins,
    fence: async () => undefined,
    spool: "",
    signal: new AbortController().signal,
    events: new RunEmitter(),
  };
}
