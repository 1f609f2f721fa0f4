/** Colours and numbers for people. State is never shown by colour alone: a glyph and a word stand beside it. */

export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
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

/** 1204 -> "1,204". */
export function count(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: 0 });
}

/** count(1, "row") -> "1 row", count(2, "row") -> "2 rows". */
export function counted(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? "" : "s"}`;
}

/** Milliseconds for people: 0.4 s, 12.3 s, 2 min 05 s, 1 h 02 min. */
export function duration(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const two = (value: number) => String(value).padStart(2, "0");
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`;
}

/** Bytes for people, in powers of 1024: 512 B, 1.5 KiB, 2.0 GiB. */
export function bytes(value: number): string {
  if (value < 1024) return `${value} B`;
  const units = ["KiB", "MiB", "GiB", "TiB", "PiB"];
  const exponent = Math.min(units.length, Math.floor(Math.log2(value) / 10));
  return `${(value / 1024 ** exponent).toFixed(1)} ${units[exponent - 1]}`;
}

function same(text: string): string {
  return text;
}

function sgr(on: number, off: number): (text: string) => string {
  return (text) => `\x1b[${on}m${text}\x1b[${off}m`;
}
