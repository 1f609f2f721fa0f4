/** Days and months of a timezone as whole numbers: days since 1970-01-01, months since 0000-01. */
import { ShoplakeError } from "../../util/errors.ts";
import { day as millisecondsOfDay } from "../plan.ts";

const quarterHour = 900_000;

/**
 * The day on which a moment (milliseconds since 1970) falls in an IANA timezone. A timezone's clock is asked once for each UTC day
 * that moments fall on, and once for each quarter of an hour of the days on which it is changed. Throws `usage` for an unknown one.
 */
export function dayIn(timezone: string): (moment: number) => number {
  const offsetAt = clockOf(timezone);
  const offsetOn = remembered((utcDay) => offsetOfDay(offsetAt, utcDay));
  const offsetIn = remembered((quarter) => offsetAt(quarter * quarterHour));
  return (moment) => {
    const utcDay = Math.floor(moment / millisecondsOfDay);
    const offset = offsetOn(utcDay) ?? offsetIn(Math.floor(moment / quarterHour));
    return Math.floor((moment + offset) / millisecondsOfDay);
  };
}

function remembered<Value>(compute: (key: number) => Value): (key: number) => Value {
  const values = new Map<number, Value>();
  return (key) => {
    const known = values.get(key);
    if (known !== undefined) return known;
    const value = compute(key);
    values.set(key, value);
    return value;
  };
}

/** The offset during a UTC day; null when it is not the same at its beginning and its end. */
function offsetOfDay(offsetAt: (moment: number) => number, utcDay: number): number | null {
  const offset = offsetAt(utcDay * millisecondsOfDay);
  return offset === offsetAt((utcDay + 1) * millisecondsOfDay) ? offset : null;
}

/** Milliseconds that the clocks of a timezone are ahead of UTC. */
function clockOf(timezone: string): (moment: number) => number {
  const format = formatOf(timezone);
  return (moment) => {
    const part = Object.fromEntries(format.formatToParts(moment).map(({ type, value }) => [type, +value]));
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
    return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(moment / 1000) * 1000;
  };
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const numeric = "numeric" as const;
  const time = { hour: numeric, minute: numeric, second: numeric, hourCycle: "h23" as const };
  try {
    return new Intl.DateTimeFormat("en-US", {
      timeZone,
      year: numeric,
      month: numeric,
      day: numeric,
      ...time,
    });
  } catch (cause) {
    throw new ShoplakeError("usage", `"${timeZone}" is no timezone`, {
      allowed: "an IANA name like Europe/Berlin",
      cause,
    });
  }
}

/** 0 -> "1970-01-01". */
export function dayText(day: number): string {
  return new Date(day * millisecondsOfDay).toISOString().slice(0, 10);
}

/** The month of a day: 0 (1970-01-01) -> 23640. */
export function monthOf(day: number): number {
  const date = new Date(day * millisecondsOfDay);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}

/** The first day of a month: 23640 -> "1970-01-01". */
export function monthText(month: number): string {
  const year = String(Math.floor(month / 12)).padStart(4, "0");
  return `${year}-${String((month % 12) + 1).padStart(2, "0")}-01`;
}
