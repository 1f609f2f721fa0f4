/** Every exported name and every field of an exported interface says what it is for. Read by lines: the formatter keeps exports at the margin and fields two spaces in. */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const exported =
  /^export (?:declare |default )?(?:abstract )?(?:async )?(function|const|let|interface|type|class|enum)\*? +([\w$]+)/;
const field = /^ {2}(?:readonly )?(?:get |set )?(?:(["']?)([\w$.-]+)\1|(\[)|(\())(?=[?:(<\]\w\s])/;

/** Names in this file without a docstring, as "line: name" or "line: interface.field". */
function undocumented(text: string): string[] {
  const lines = text.split("\n");
  const hidden = linesInsideText(lines);
  const found: string[] = [];
  const seen = new Set<string>();
  lines.forEach((line, index) => {
    const [, kind, name] = hidden.has(index) ? [] : (exported.exec(line) ?? []);
    if (name === undefined) return;
    if (!seen.has(name) && !saysSomething(docBefore(lines, index), name)) found.push(`${index + 1}: ${name}`);
    if (kind === "function") seen.add(name);
    if (kind === "interface") found.push(...bareFields(lines, index, name));
  });
  return found;
}

/** Fields of the interface that begins at this line without a docstring. One for a group of fields counts for those that it names in backticks. */
function bareFields(lines: readonly string[], start: number, owner: string): string[] {
  const head = lines.findIndex((line, index) => index >= start && /[{}]$/.test(line));
  if (lines[head]?.endsWith("}")) return [];
  const end = lines.indexOf("}", head);
  let group = "";
  return lines.slice(head + 1, end === -1 ? undefined : end).flatMap((line, offset) => {
    const match = /^ {2}(\/\*|\*|\/\/)/.test(line) ? null : field.exec(line);
    if (match === null) return [];
    const name = match[2] ?? match[3] ?? match[4] ?? "";
    const at = head + 1 + offset;
    const doc = docBefore(lines, at);
    group = doc ?? group;
    const documented = saysSomething(doc, name) || group.includes(`\`${name}\``);
    return documented ? [] : [`${at + 1}: ${owner}.${name}`];
  });
}

/** The docstring that ends on the line before this one; markers for the linter may stand between. */
function docBefore(lines: readonly string[], index: number): string | undefined {
  let last = index - 1;
  while (/^\s*\/\/ biome-ignore/.test(lines[last] ?? "")) last--;
  if (!lines[last]?.trimEnd().endsWith("*/")) return undefined;
  let first = last;
  while (first > 0 && !/^\s*\/\*/.test(lines[first] ?? "")) first--;
  const doc = lines.slice(first, last + 1).join("\n");
  return /^\s*\/\*\*/.test(doc) ? doc : undefined;
}

/** A docstring that only repeats the words of the name is none. */
function saysSomething(doc: string | undefined, name: string): boolean {
  if (doc === undefined) return false;
  const own = new Set(["the", "a", "an", "of", ...wordsOf(name)]);
  return wordsOf(doc).some((word) => !own.has(word));
}

function wordsOf(text: string): string[] {
  const parts = text.replace(/([a-z\d])([A-Z])/g, "$1 $2").toLowerCase();
  return parts.match(/[\p{L}\d]+/gu) ?? [];
}

/** Lines that begin inside a template text: code that is written out is not code of this file. */
function linesInsideText(lines: readonly string[]): ReadonlySet<number> {
  const inside = new Set<number>();
  let open = false;
  lines.forEach((line, index) => {
    if (open) inside.add(index);
    if (!open && /^\s*(\/?\*|\/\/)/.test(line)) return;
    const ticks =
      line
        .replace(/\\./g, "")
        .replace(/\/\*.*?\*\/|\/\/ .*$|"[^"]*"/g, "")
        .match(/`/g) ?? [];
    if (ticks.length % 2 === 1) open = !open;
  });
  return inside;
}

const root = fileURLToPath(new URL("../src", import.meta.url));

test("every export of src/ and every field of an exported interface has a docstring", () => {
  const files = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll("\\", "/"))
    .sort();
  expect(files.length).toBeGreaterThan(300);
  const bare = files.flatMap((file) =>
    undocumented(readFileSync(join(root, file), "utf8")).map((name) => `${file}:${name}`),
  );
  expect(bare).toEqual([]);
});

describe("the checker sees what it is for", () => {
  test("exports without a docstring, with one of another kind, or with one that is not right before", () => {
    const bad = [
      "export function a(): void {}",
      "// says what it is for, but is no docstring",
      "export const b = 1;",
      "/* neither is this */",
      "export type C = string;",
      "/** Belongs to something else, a blank line away. */",
      "",
      "export async function* d() {}",
      "export abstract class E {}",
      "/** The f. */",
      "export const f = 2;",
    ];
    expect(undocumented(bad.join("\n"))).toEqual(["1: a", "3: b", "5: C", "8: d", "9: E", "11: f"]);
  });

  test("fields and methods of an exported interface, however they are written", () => {
    const bad = `/** Rows of one shop. */
export interface Shop {
  /** Seconds between two orders. */
  readonly pace: number;
  readonly bare: string;
  optional?: { readonly inner: string };
  method(
    first: string,
  ): void;
  "quoted-name": string;
  readonly [key: string]: unknown;
  (call: string): void;
  generic<T>(value: T): T;
  // A remark.
  last: string;
}`;
    expect(undocumented(bad)).toEqual([
      "5: Shop.bare",
      "6: Shop.optional",
      "7: Shop.method",
      "10: Shop.quoted-name",
      "11: Shop.[",
      "12: Shop.(",
      "13: Shop.generic",
      "15: Shop.last",
    ]);
  });

  test("what needs none: own types, overloads after the first, groups that name their fields, code inside texts", () => {
    const good = `interface Own {
  field: string;
}
/** A name for two. */
export interface Both
  extends Pick<Own, "field">,
    Record<string, unknown> {
  /** Seconds. */
  pace: number;
}
/** Adds what is given. */
export function add(a: number): number;
export function add(a: string): string;
/** A window of time. */
export interface Window {
  /** Both in UTC; \`end\` itself is left out, \`start\` is not. */
  readonly start: Date;
  readonly end: Date;
}
/** One of two. */
export type Either = { readonly left: string } | { readonly right: string };
/** Written into a new project. */
export const template = \`
export const name = 1;
\`;
/** Joined with the next one. */
// biome-ignore lint/style/useNamingConvention: the name of the other side
export const OTHER = 1;
export { add as plus } from "./other.ts";`;
    expect(undocumented(good)).toEqual([]);
  });
});
