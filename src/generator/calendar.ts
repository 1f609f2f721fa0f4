/** How busy the days are, and the hours within a day. Only sums and products: the same on every machine. */
import { day } from "./plan.ts";

/** More of everything, by this share of the beginning, every year. */
const yearlyGrowth = 0.4;
/** Sunday first. */
const weekdays = [1.06, 1.08, 1.04, 1.0, 0.98, 0.96, 0.88];
/** January first; December has shares of its own. */
const months = [0.88, 0.86, 0.93, 0.95, 0.97, 0.94, 0.9, 0.92, 0.99, 1.04, 1.28, 1];

/** How busy each day from `start` on is: growth x weekday x season, added up to the end of each day. */
export function cumulativeWeights(start: number, days: number): Float64Array {
  const sums = new Float64Array(days);
  let sum = 0;
  for (let index = 0; index < days; index++) {
    sum += weightOf(start + index * day, index);
    sums[index] = sum;
  }
  return sums;
}

function weightOf(moment: number, index: number): number {
  const date = new Date(moment);
  const growth = 1 + (yearlyGrowth * index) / 365;
  return growth * (weekdays[date.getUTCDay()] ?? 1) * season(date);
}

function season(date: Date): number {
  const month = date.getUTCMonth();
  if (month !== 11) return months[month] ?? 1;
  const dayOfMonth = date.getUTCDate();
  if (dayOfMonth <= 20) return 1.65;
  return dayOfMonth <= 24 ? 1.2 : 0.8;
}

/** What share of a day's orders falls into each hour, UTC, in percent. */
const hours = [1, 1, 0.5, 0.5, 0.5, 0.5, 1, 2, 4, 5, 6, 6, 6, 5.5, 5, 5, 5.5, 6.5, 8, 9, 9, 7, 4, 2];
const hour = 3_600_000;
const hourSum = hours.reduce((sum, share) => sum + share, 0);

/** The milliseconds after midnight at which a share in [0, 1) of the day's orders has been placed. */
export function timeOfDay(share: number): number {
  let left = share * hourSum;
  for (let index = 0; index < hours.length; index++) {
    const weight = hours[index] ?? 0;
    if (left < weight) return index * hour + Math.floor((left / weight) * hour);
    left -= weight;
  }
  return day - 1;
}
