/** Numbers as words, the same in every message. */

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
