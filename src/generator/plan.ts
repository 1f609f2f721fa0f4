/** How large a shop is, from when to when it goes, and how much is wrong with it. Days are UTC, as text: "2026-06-30". */
import { ShoplakeError } from "../util/errors.ts";

/** What a person may choose; the rest has defaults. */
export interface ShopOptions {
  /** The same seed, scale and first day give the same shop. Default 1. */
  readonly seed?: number;
  /**
   * 1 is 100,000 customers, 50,000 products, 500,000 orders and 10,000 campaigns in the first 24 months; 0 is a shop without rows.
   * Default 0.01.
   */
  readonly scale?: number;
  /** Months of history that end with `until`. Default 24. */
  readonly months?: number;
  /** The first day, instead of `months`. */
  readonly first?: string;
  /** The last day: rows look as they do at its end. */
  readonly until: string;
  /** Of 1,000 rows of a table, how many have each kind of fault; 0 to 100. Default 2. */
  readonly faults?: number;
  /** ISO 4217 code of all amounts. Default "EUR". */
  readonly currency?: string;
  /** The shop is written as text files, which can hold values of a wrong type and lack columns. Default false. */
  readonly files?: boolean;
}

/** Complete options. Two plans that differ in `until` only are the same shop at two moments. */
export interface ShopPlan {
  /** A whole number, 0 or more. */
  readonly seed: number;
  /** 0 to 100; 1 is 500,000 orders in 24 months. */
  readonly scale: number;
  /** The first day. */
  readonly first: string;
  /** The last day. */
  readonly until: string;
  /** Of 1,000 rows of a table, how many have each kind of fault. */
  readonly faults: number;
  /** ISO 4217. */
  readonly currency: string;
  /** Whether the shop is written as text files. */
  readonly files: boolean;
}

/** Milliseconds of a day. */
export const day = 86_400_000;

/** The size of a shop when none is given: 5,000 orders. */
export const defaultScale = 0.01;

/** Throws a `usage` error that names the option. */
export function shopPlan(options: ShopOptions): ShopPlan {
  const {
    seed = 1,
    scale = defaultScale,
    months = 24,
    faults = 2,
    currency = "EUR",
    files = false,
  } = options;
  const until = dayText(dayStart(options.until));
  const first = options.first ?? dayText(addMonths(dayStart(until) + day, -months));
  check(Number.isSafeInteger(seed) && seed >= 0, `the seed is ${seed}`, "a whole number, 0 or more");
  check(Number.isFinite(scale) && scale >= 0 && scale <= 100, `the scale is ${scale}`, "0 to 100");
  check(Number.isSafeInteger(months) && months > 0, `the history has ${months} months`, "1 or more");
  check(faults >= 0 && faults <= 100, `${faults} of 1,000 rows are to have each fault`, "0 to 100");
  check(
    first <= until,
    `the first day ${first} is after the last day ${until}`,
    "a first day before the last",
  );
  return { seed, scale, first, until, faults, currency, files };
}

/** The same shop at the end of another day. */
export function planThrough(plan: ShopPlan, until: string): ShopPlan {
  return shopPlan({ ...plan, until });
}

/** Milliseconds since 1970 at which a day begins. Throws a `usage` error for what is no day. */
export function dayStart(text: string): number {
  const start = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  check(!Number.isNaN(start) && dayText(start) === text, `"${text}" is no day`, "a day like 2026-06-30");
  return start;
}

/** The day of a moment: 0 -> "1970-01-01". */
export function dayText(moment: number): string {
  return new Date(moment).toISOString().slice(0, 10);
}

/** Calendar months later or earlier; a day that the month lacks becomes its last one. */
export function addMonths(start: number, months: number): number {
  const date = new Date(start);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth() + months];
  const last = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  return Date.UTC(year, month, Math.min(date.getUTCDate(), last));
}

function check(good: boolean, message: string, allowed: string): void {
  if (!good) throw new ShoplakeError("usage", message, { allowed });
}
