/** A YAML text inside a file, with the line of every key: for headers of .sql files and for tests/*.yaml. */
import {
  type Document,
  isMap,
  isScalar,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  visit,
} from "yaml";
import type { z } from "zod";
import { messageOf, type Problem } from "../util/errors.ts";
import { at, type LineOf, type Path, problemsOf } from "./issues.ts";

/** A piece of YAML and where it comes from. */
export interface YamlText {
  /** For problems; relative to the project. */
  readonly file: string;
  /** Without the marks around it, such as those of a comment. */
  readonly text: string;
  /** Line of the file on which `text` starts. */
  readonly firstLine: number;
}

/** What was read, and where each key is. */
export interface YamlDocument {
  /** undefined when there are problems. */
  readonly value: unknown;
  /** Counts from the first line of the file, not of the piece. */
  readonly lineOf: LineOf;
  /** Of its syntax only. */
  readonly problems: readonly Problem[];
}

/**
 * Parses; syntax errors and double keys become problems. Numbers that JavaScript cannot hold exactly, and decimals, are
 * given as the text they were written with: 12.50 stays "12.50".
 */
export function readYaml({ file, text, firstLine }: YamlText): YamlDocument {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false });
  const lineAt = (offset: number) => firstLine + counter.linePos(offset).line - 1;
  const problems: Problem[] = document.errors.map((error) => ({
    message: `YAML: ${error.message}`,
    ...at(file, lineAt(error.pos[0])),
  }));
  visit(document, {
    Scalar(_key, node) {
      if (typeof node.value === "number" && !isExact(node.value) && node.source !== undefined)
        node.value = node.source;
    },
  });
  const value = problems.length > 0 ? undefined : jsonOf(document, problems, at(file, firstLine));
  return {
    value,
    lineOf: (path) => line(document, path, lineAt),
    problems,
  };
}

/** Undefined, with a problem more, when aliases of aliases would make the value too large: such a text is an attack or a mistake. */
function jsonOf(document: Document.Parsed, problems: Problem[], place: Partial<Problem>): unknown {
  try {
    return document.toJS({ maxAliasCount: mostAliases });
  } catch (error) {
    problems.push({ message: `YAML: ${messageOf(error)}.`, hint: "Write the values out.", ...place });
    return undefined;
  }
}

/** Values that aliases may stand for, all together. */
const mostAliases = 100;

/** The value checked against a schema; problems are added to `problems`. */
export function parseYaml<T>(
  document: YamlDocument,
  schema: z.ZodType<T>,
  { file, subject, problems }: { file: string; subject: string; problems: Problem[] },
): T | undefined {
  problems.push(...document.problems);
  if (document.problems.length > 0) return undefined;
  const result = schema.safeParse(document.value ?? {});
  if (result.success) return result.data;
  problems.push(...problemsOf(result.error, file, subject, document.lineOf));
  return undefined;
}

function isExact(value: number): boolean {
  return Number.isSafeInteger(value);
}

function line(document: Document.Parsed, path: Path, lineAt: (offset: number) => number): number | undefined {
  let node: unknown = document.contents;
  let found: number | undefined = isNode(node) ? lineAt(node.range[0]) : undefined;
  for (const step of path) {
    const pair = isMap(node) ? node.items.find((item) => keyOf(item) === String(step)) : undefined;
    if (pair && isNode(pair.key)) found = lineAt(pair.key.range[0]);
    node = pair ? pair.value : isItems(node) ? node.items[Number(step)] : undefined;
    if (!pair && isNode(node)) found = lineAt(node.range[0]);
    if (node === undefined) break;
  }
  return found;
}

function keyOf(pair: Pair): string | undefined {
  return isScalar(pair.key) ? String(pair.key.value) : undefined;
}

function isItems(node: unknown): node is { items: readonly unknown[] } {
  return typeof node === "object" && node !== null && "items" in node && !isMap(node);
}

function isNode(node: unknown): node is Node & { range: [number, number, number] } {
  return typeof node === "object" && node !== null && "range" in node && Array.isArray(node.range);
}
