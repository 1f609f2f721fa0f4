/** Colours for people, and the words for numbers. State is never shown by colour alone: a glyph and a word are beside it. */

export { bytes, count, counted, duration } from "../../util/amounts.ts";

/** Puts a text into a colour, or leaves it as it is. */
export interface Style {
  /** What is looked for first. */
  bold(text: string): string;
  /** What is looked at last. */
  dim(text: string): string;
  /** What went wrong. */
  red(text: string): string;
  /** What is good. */
  green(text: string): string;
  /** What to look at. */
  yellow(text: string): string;
  /** What goes on now. */
  cyan(text: string): string;
}

const plainStyle: Style = { bold: same, dim: same, red: same, green: same, yellow: same, cyan: same };

const ansiStyle: Style = {
  bold: sgr(1, 22),
  dim: sgr(2, 22),
  red: sgr(31, 39),
  green: sgr(32, 39),
  yellow: sgr(33, 39),
  cyan: sgr(36, 39),
};

/** Colours, or none. */
export function styleFor(color: boolean): Style {
  return color ? ansiStyle : plainStyle;
}

/** Colour is on for a terminal, off with --no-color, NO_COLOR or TERM=dumb; FORCE_COLOR switches it on for pipes. */
export function wantsColor(
  flag: boolean,
  isTTY: boolean | undefined,
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  if (!flag || env["NO_COLOR"]) return false;
  if (env["FORCE_COLOR"] && env["FORCE_COLOR"] !== "0") return true;
  return isTTY === true && env["TERM"] !== "dumb";
}

function same(text: string): string {
  return text;
}

function sgr(on: number, off: number): (text: string) => string {
  return (text) => `\x1b[${on}m${text}\x1b[${off}m`;
}
