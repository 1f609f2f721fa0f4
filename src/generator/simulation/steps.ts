import { day } from "../plan.ts";
import { unit } from "../random.ts";

/** For a share of the ids: after how many milliseconds something happens to them once, 30 to 930 days on. */
export function stepAt(key: number, id: number, share: number): number | undefined {
  const chance = unit(key, id);
  return chance < share ? Math.floor((30 + (chance / share) * 900) * day) : undefined;
}
