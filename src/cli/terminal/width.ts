/** How wide text is on a terminal, and how to make it fit. */

const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const control = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences of colours
const ansi = /\x1b\[[0-9;]*m/g;
const segmenter = new Intl.Segmenter();

/** Columns the text takes; colour codes take none, CJK letters and emoji two. */
export function width(text: string): number {
  const bare = text.replace(ansi, "");
  if (/^[\x20-\x7e]*$/.test(bare)) return bare.length;
  let columns = 0;
  for (const { segment } of segmenter.segment(bare)) columns += wide.test(segment) ? 2 : 1;
  return columns;
}

/** Cuts plain text (no colour codes) to at most `columns`, ending in "…" when something was cut. */
export function clip(text: string, columns: number): string {
  if (width(text) <= columns) return text;
  if (columns < 1) return "";
  let cut = "";
  let used = 0;
  for (const { segment } of segmenter.segment(text)) {
    used += wide.test(segment) ? 2 : 1;
    if (used > columns - 1) break;
    cut += segment;
  }
  return `${cut}…`;
}

/** Fills with spaces up to `columns`. */
export function pad(text: string, columns: number, align: "left" | "right" = "left"): string {
  const fill = " ".repeat(Math.max(0, columns - width(text)));
  return align === "left" ? text + fill : fill + text;
}

/** Makes control characters visible, so that a value can neither break a table nor steer a terminal. */
export function visible(text: string): string {
  return text.replace(control, (character) => {
    if (character === "\n") return "\\n";
    if (character === "\r") return "\\r";
    if (character === "\t") return "\\t";
    const code = character.charCodeAt(0).toString(16);
    return code.length <= 2 ? `\\x${code.padStart(2, "0")}` : `\\u${code}`;
  });
}
