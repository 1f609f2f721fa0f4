/** Each dataset of a sink has a place of its own: two that share one would replace each other at every run. */
import type { GraphNode } from "../pipeline/index.ts";
import type { Project } from "../project/project.ts";
import type { SinkKind } from "../sinks/kind.ts";
import { type Problem, ShoplakeError } from "../util/errors.ts";
import type { LoadedKinds } from "./kinds.ts";

/** What is wrong with the targets of the deliveries: names that cannot be, places that two of them share. */
export function sharedTargets(
  { sinks }: Pick<Project, "sinks">,
  graph: readonly GraphNode[],
  kinds: Pick<LoadedKinds, "sinks">,
): readonly Problem[] {
  const owners = new Map<string, string>();
  const problems: Problem[] = [];
  for (const { dataset: delivery, work } of graph) {
    const sink = work.kind === "sink" ? sinks[work.sink] : undefined;
    const kind = kinds.sinks.get(sink?.kind ?? "");
    if (work.kind !== "sink" || sink === undefined || kind === undefined) continue;
    const target = targetOf(kind, sink.config, work.dataset);
    if (typeof target !== "string") {
      problems.push(target);
      continue;
    }
    const key = [sink.kind, kind.place(sink.config), target].join("\0");
    const owner = owners.get(key);
    if (owner === undefined) owners.set(key, delivery);
    else
      problems.push({
        message: `${owner} and ${delivery} would both write ${target}`,
        hint: "give one of them another table, schema or folder, or take its dataset out of one sink's select",
      });
  }
  return problems;
}

/** The name of a dataset at its sink, or why it cannot have one. */
function targetOf(
  kind: SinkKind,
  config: Project["sinks"][string]["config"],
  dataset: string,
): string | Problem {
  try {
    return kind.target(config, dataset);
  } catch (error) {
    if (!(error instanceof ShoplakeError)) throw error;
    const { hint } = error.details;
    return { message: error.message, ...(hint === undefined ? {} : { hint }) };
  }
}
