/** Lineage as a tree of lines. */
import type { LineageNode } from "../../app/lineage.ts";

/** Branches drawn; what was shown before is only named. */
export function renderLineage(root: LineageNode): string[] {
  const seen = new Set<string>();
  const lines = (node: LineageNode, first: string, rest: string): string[] => {
    const repeated = seen.has(node.name) && node.from.length > 0;
    seen.add(node.name);
    const own = `${first}${node.name}${repeated ? "  (above)" : ""}`;
    if (repeated) return [own];
    return [
      own,
      ...node.from.flatMap((child, index) => {
        const last = index === node.from.length - 1;
        return lines(child, `${rest}${last ? "└─ " : "├─ "}`, `${rest}${last ? "   " : "│  "}`);
      }),
    ];
  };
  return lines(root, "", "");
}
