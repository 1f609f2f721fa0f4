/** One JSON object, judged without giving up the spelling of its values. */
import { mostNames } from "./names.ts";

/** Key under which a spooled record bears its number. */
export const rowKey = "__c_row";

/** Why the text is no record; undefined when it is one. Stricter than the engine: a repeated key would lose a value. */
export function jsonFault(text: string): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return `It is no JSON: ${error instanceof Error ? error.message : String(error)}.`;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return "It is no JSON object.";
  const keys = jsonKeys(text);
  const repeated = keys.find((key, i) => keys.indexOf(key) !== i);
  if (repeated !== undefined) return `The key ${JSON.stringify(repeated)} stands in it twice.`;
  const broken = Object.entries(value).find(([key, field]) => isBroken(key) || isBroken(field));
  return broken && `The value of ${JSON.stringify(broken[0])} holds half of a surrogate pair.`;
}

function isBroken(value: unknown): boolean {
  return typeof value === "string" && /\p{Surrogate}/u.test(value);
}

/** The keys of a valid JSON object in their order, repeated ones too, without those of nested objects. */
export function jsonKeys(text: string): string[] {
  const keys: string[] = [];
  let depth = 0;
  let expectsKey = false;
  for (const { 0: token } of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],:]/gs)) {
    if (token === "{" || token === "[") {
      depth++;
      expectsKey = depth === 1;
    } else if (token === "}" || token === "]") {
      depth--;
      expectsKey = false;
    } else if (token === ",") expectsKey = depth === 1;
    else if (token === ":") expectsKey = false;
    else if (expectsKey && depth === 1) {
      keys.push(JSON.parse(token) as string);
      expectsKey = false;
    }
  }
  return keys;
}

/**
 * Why the keys of a record cannot be columns beside those that are known, by their names without blanks around them; undefined
 * when they can.
 */
export function keyFault(keys: readonly string[], known: ReadonlyMap<string, string>): string | undefined {
  const own = new Map<string, string>();
  for (const key of keys) {
    const name = key.trim();
    if (name === "") return "A key of it is empty.";
    if (name === rowKey) return `The key ${JSON.stringify(name)} is one that its reader writes itself.`;
    const other = own.get(name) ?? known.get(name);
    if (other !== undefined && other !== key)
      return `The keys ${JSON.stringify(other)} and ${JSON.stringify(key)} differ only by blanks.`;
    own.set(name, key);
  }
  const added = keys.filter((key) => !known.has(key.trim())).length;
  if (known.size + added > mostNames) return `With it the file has more than ${mostNames} keys.`;
  return undefined;
}
