/** Patterns for paths: `*` and `?` within a name, `[a-z]`, `{a,b}`, and `**` for any number of folders. */

/** A pattern, ready to be compared with paths. */
export interface Glob {
  /** The part before the first folder or name with a wildcard, without a slash at its end: "inbox/daily". */
  readonly base: string;
  /** True when files in folders below `base` can match. */
  readonly deep: boolean;
  /** Compares the whole path, spelled as the pattern is: relative or absolute. */
  matches(path: string): boolean;
}

/** Names that start with a dot match only a pattern that spells the dot, so half-written ".upload.tmp" files stay out. */
export function glob(pattern: string): Glob {
  const parts = pattern.split("/");
  const first = parts.findIndex((part) => /[*?[{]/.test(part));
  const fixed = first < 0 ? parts.length - 1 : first;
  const expression = new RegExp(`^${toExpression(pattern)}$`, "u");
  return {
    base: parts.slice(0, fixed).join("/"),
    deep: parts.length - fixed > 1,
    matches: (path) => expression.test(path),
  };
}

const nameStart = "(?<=^|/)(?!\\.)";

function toExpression(pattern: string): string {
  let out = "";
  let open = 0;
  for (let i = 0; i < pattern.length; i++) {
    const character = pattern.charAt(i);
    const atNameStart = i === 0 || pattern.charAt(i - 1) === "/";
    if (pattern.startsWith("**/", i) && atNameStart) {
      out += `(?:${nameStart}[^/]+/)*`;
      i += 2;
    } else if (character === "*") out += `${atNameStart ? nameStart : ""}[^/]*`;
    else if (character === "?") out += `${atNameStart ? nameStart : ""}[^/]`;
    else if (character === "[" && pattern.indexOf("]", i + 2) > 0) {
      const end = pattern.indexOf("]", i + 2);
      out += `[${pattern
        .slice(i + 1, end)
        .replace(/^!/, "^")
        .replace(/[\\[]/g, "\\$&")}]`;
      i = end;
    } else if (character === "{" && pattern.indexOf("}", i) > 0) {
      out += "(?:";
      open++;
    } else if (character === "}" && open > 0) {
      out += ")";
      open--;
    } else if (character === "," && open > 0) out += "|";
    else out += character.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
  }
  return out;
}
