/**
 * dbt's selectors. Several arguments: union; comma inside one: intersection.
 *
 * | selector | takes |
 * |---|---|
 * | `silver.orders`, `orders` | the dataset |
 * | `gold.dim_*` | all that match |
 * | `bronze`, `silver`, `gold`, `sink` | the layer |
 * | `tag:daily` | models with the tag |
 * | `source:shop`, `sink:reporting` | the tables of a source, the deliveries of a sink |
 * | `+x`, `x+`, `+x+` | with all it depends on, with all that depends on it, both |
 * | `schedule:nightly`, `nightly` | what the schedule of that name selects; its own selectors name no schedules |
 */
import type { Schedule } from "../../project/project.ts";
import { ShoplakeError } from "../../util/errors.ts";
import { nearest } from "../../util/nearest.ts";
import type { GraphNode } from "./graph.ts";

/** Nodes chosen by the selectors, in graph order. No selector: all. Throws `usage` when one matches nothing. */
export function selectNodes(
  nodes: readonly GraphNode[],
  selectors: readonly string[],
  schedules: readonly Schedule[] = [],
): readonly GraphNode[] {
  if (selectors.length === 0) return nodes;
  const chosen = new Set(selectors.flatMap((selector) => [...expand(nodes, selector, schedules)]));
  return nodes.filter((node) => chosen.has(node.dataset));
}

function expand(nodes: readonly GraphNode[], selector: string, schedules: readonly Schedule[]): Set<string> {
  const [first, ...rest] = selector.split(",").map((part) => withNeighbours(nodes, part.trim(), schedules));
  return new Set([...(first ?? [])].filter((name) => rest.every((other) => other.has(name))));
}

function withNeighbours(
  nodes: readonly GraphNode[],
  part: string,
  schedules: readonly Schedule[],
): Set<string> {
  const core = part.replace(/^\+|\+$/g, "");
  const schedule = schedules.find(({ name }) => core === name || core === `schedule:${name}`);
  const chosen = schedule ? selectNodes(nodes, selectorsOf(schedule)) : nodes.filter(matcher(core));
  if (chosen.length === 0) throw unknown(core, nodes, schedules);
  const found = chosen.map((node) => node.dataset);
  const result = new Set(found);
  if (part.startsWith("+")) for (const name of closure(found, upstream(nodes))) result.add(name);
  if (part.endsWith("+")) for (const name of closure(found, downstream(nodes))) result.add(name);
  return result;
}

/** The selectors of a schedule or a sink: words between blanks. */
export function selectorsOf({ select }: { readonly select: string }): readonly string[] {
  return select.trim().split(/\s+/);
}

function matcher(core: string): (node: GraphNode) => boolean {
  const [method, value] = core.includes(":")
    ? [core.slice(0, core.indexOf(":")), core.slice(core.indexOf(":") + 1)]
    : ["", core];
  if (method === "tag") return (node) => node.tags.includes(value);
  if (method === "source") return (node) => node.work.kind === "source" && node.work.source === value;
  if (method === "sink") return (node) => node.work.kind === "sink" && node.work.sink === value;
  const pattern = new RegExp(`^${core.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replace(/\*/g, ".*")}$`);
  return (node) =>
    pattern.test(node.dataset) ||
    node.layer === core ||
    (node.layer !== "sink" && pattern.test(node.dataset.slice(node.dataset.indexOf(".") + 1)));
}

function upstream(nodes: readonly GraphNode[]): (name: string) => readonly string[] {
  const byName = new Map(nodes.map((node) => [node.dataset, node.dependsOn]));
  return (name) => byName.get(name) ?? [];
}

function downstream(nodes: readonly GraphNode[]): (name: string) => readonly string[] {
  return (name) => nodes.filter((node) => node.dependsOn.includes(name)).map((node) => node.dataset);
}

function closure(start: readonly string[], next: (name: string) => readonly string[]): Set<string> {
  const seen = new Set<string>();
  const queue = [...start];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    for (const other of next(name)) {
      if (seen.has(other)) continue;
      seen.add(other);
      queue.push(other);
    }
  }
  return seen;
}

function unknown(given: string, nodes: readonly GraphNode[], schedules: readonly Schedule[]): ShoplakeError {
  const known = [
    ...nodes.map((node) => node.dataset),
    ...nodes.flatMap((node) => node.tags.map((tag) => `tag:${tag}`)),
    ...schedules.flatMap(({ name }) => [name, `schedule:${name}`]),
  ];
  const close = nearest(given, [
    ...known,
    ...nodes.map((node) => node.dataset.slice(node.dataset.indexOf(".") + 1)),
  ]);
  return new ShoplakeError("usage", `no dataset matches "${given}"`, {
    allowed: `A dataset, layer, tag:<tag>, source:<name>, sink:<name> or schedule:<name>. Datasets: ${nodes.map((node) => node.dataset).join(", ") || "none"}.`,
    hint: close === undefined ? "See `shoplake plan` for all datasets." : `Did you mean "${close}"?`,
  });
}
