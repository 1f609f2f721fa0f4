/** What a database or a folder remembers about the shop in it. */
import { ShoplakeError } from "../util/errors.ts";
import { day, dayStart, dayText, type ShopOptions, type ShopPlan, shopPlan } from "./plan.ts";

/** The shop, and how it came here. */
export interface ShopRecord extends ShopPlan {
  /** The day through which all of it was loaded at once; the days after it came one by one. */
  readonly loaded: string;
}

/** Reads what `JSON.stringify` made of a record; undefined for any other text. */
export function parseRecord(text: string): ShopRecord | undefined {
  try {
    const { loaded, ...options } = JSON.parse(text).shoplake as ShopOptions & { loaded: string };
    return { ...shopPlan(options), loaded };
  } catch {
    return undefined;
  }
}

/** JSON that `parseRecord` reads. */
export function recordText(record: ShopRecord): string {
  return JSON.stringify({ shoplake: record });
}

/** What a person asks for; what is left out may be anything. */
export type Wanted = Partial<Pick<ShopPlan, "seed" | "scale" | "first" | "faults" | "until">>;

/** Throws a `usage` error when a place holds another shop than the one that is wanted. A shop that goes on longer is the same. */
export function requireSame(record: ShopRecord, wanted: Wanted, where: string): void {
  const names = ["seed", "scale", "first", "faults"] as const;
  const differing = names.filter((name) => wanted[name] !== undefined && wanted[name] !== record[name]);
  const texts = differing.map((name) => `${labels[name]} ${record[name]} instead of ${wanted[name]}`);
  if (wanted.until !== undefined && wanted.until > record.until)
    texts.push(`the last day ${record.until} instead of ${wanted.until}`);
  if (texts.length === 0) return;
  throw new ShoplakeError(
    "usage",
    `there is another shop already, with ${texts.join(", ")}; nothing was changed`,
    {
      where,
      allowed: "an empty place, or the options of the shop that is there",
      hint:
        differing.length === 0
          ? `bring it on: shoplake generate --day ${nextDay(record)}`
          : "name another database or folder: SHOP_DATABASE_URL or --out for generate, --dir for demo",
    },
  );
}

const labels = { seed: "the seed", scale: "the scale", first: "the first day", faults: "faults" } as const;

/** The day that a shop can be brought on by. */
export function nextDay({ until }: Pick<ShopPlan, "until">): string {
  return dayText(dayStart(until) + day);
}

/** The record after a day, or undefined when that day is there already. Throws a `usage` error for a day too far. */
export function recordAfter(record: ShopRecord, until: string, where: string): ShopRecord | undefined {
  if (dayStart(until) <= dayStart(record.until)) return undefined;
  if (until === nextDay(record)) return { ...record, until };
  throw new ShoplakeError("usage", `the shop goes through ${record.until}: ${until} is not its next day`, {
    where,
    allowed: `--day ${nextDay(record)}`,
  });
}
