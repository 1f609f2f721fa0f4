/** Lineage by dataset as a Mermaid flowchart. */
import type { Dictionary } from "./entries.ts";

/** A fenced block; columns are not in it, and datasets are grouped by layer. */
export function lineagePicture({ datasets, sources, sinks }: Dictionary): string {
  const layers = (["bronze", "silver", "gold"] as const).flatMap((layer) => {
    const inside = datasets.filter((entry) => entry.layer === layer);
    if (inside.length === 0) return [];
    return [
      `  subgraph ${layer}`,
      ...inside.map(({ dataset }) => `    ${id(dataset)}["${dataset.slice(layer.length + 1)}"]`),
      "  end",
    ];
  });
  const lines = [
    "flowchart LR",
    ...sources.map(({ name }) => `  ${id(`source.${name}`)}[("${name}")]`),
    ...layers,
    ...sinks.map(({ name }) => `  ${id(`sink.${name}`)}[("${name}")]`),
    ...sources.flatMap(({ name, tables }) =>
      tables.map(({ dataset }) => `  ${id(`source.${name}`)} --> ${id(dataset)}`),
    ),
    ...datasets.flatMap(({ dataset, inputs }) => inputs.map((input) => `  ${id(input)} --> ${id(dataset)}`)),
    ...sinks.flatMap(({ name, tables }) =>
      tables.map(({ dataset }) => `  ${id(dataset)} --> ${id(`sink.${name}`)}`),
    ),
  ];
  return ["```mermaid", ...lines, "```"].join("\n");
}

/** Not one of Mermaid's own words, such as `end` or `default`. */
function id(name: string): string {
  return name.replace(/[^A-Za-z0-9]/g, "_");
}
