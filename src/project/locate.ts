/**
 * Finds the line of a key in a shoplake.config.ts, for messages only. Reads the text of the object literals
 * after `defineProject(`; keys that come from variables or spreads are not there, then the nearest enclosing key counts.
 */
import type { LineOf } from "./issues.ts";

const token =
  /\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`|[A-Za-z_$][\w$]*|[{}[\](),:]|\n|\S/g;

/** The line of the longest known beginning of a path. */
export function configLines(source: string): LineOf {
  const lines = keyLines(source);
  return (path) => {
    for (let length = path.length; length >= 0; length--) {
      const line = lines.get(path.slice(0, length).map(String).join("\0"));
      if (line !== undefined) return line;
    }
    return undefined;
  };
}

interface Level {
  readonly bracket: string;
  /** The key whose value this bracket belongs to; undefined for brackets that add no step: `postgres({`. */
  readonly step: string | undefined;
  index: number;
}

function keyLines(source: string): Map<string, number> {
  const lines = new Map<string, number>();
  const levels: Level[] = [];
  let line = 1;
  let key: string | undefined;
  let candidate: { name: string; line: number } | undefined;
  let started = false;
  for (const [text] of source.matchAll(token)) {
    if (text === "\n") line++;
    else if (!started) {
      if (text === "defineProject") lines.set("", line);
      started = text === "(" && lines.size > 0;
      line += breaks(text);
    } else if (/^["'\w$]/.test(text)) candidate = { name: unquote(text), line };
    else if (text.startsWith("//") || text.startsWith("/*") || text.startsWith("`")) line += breaks(text);
    else if (text === ":" && candidate && levels.at(-1)?.bracket === "{") {
      key = candidate.name;
      lines.set([...steps(levels), key].join("\0"), candidate.line);
    } else if (text === "," && levels.length > 0) {
      const level = levels.at(-1);
      if (level) level.index++;
      key = undefined;
    } else if (/[{[(]/.test(text)) {
      const parent = levels.at(-1);
      const step = key ?? (parent?.bracket === "[" ? String(parent.index) : undefined);
      levels.push({ bracket: text, step, index: 0 });
      lines.set(steps(levels).join("\0"), lines.get(steps(levels).join("\0")) ?? line);
      key = undefined;
    } else if (/[}\])]/.test(text)) {
      if (levels.pop() === undefined) break;
    }
  }
  return lines;
}

function steps(levels: readonly Level[]): string[] {
  return levels.flatMap(({ step }) => (step === undefined ? [] : [step]));
}

function breaks(text: string): number {
  return text.split("\n").length - 1;
}

function unquote(text: string): string {
  return /^["']/.test(text) ? text.slice(1, -1) : text;
}
