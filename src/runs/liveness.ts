/** Whether an owner still lives. */
import type { Host } from "../pipeline/index.ts";

/** Asked of the owners themselves by their id, never concluded from how old or how many runs are. */
export type IsAlive = (owner: string) => Promise<boolean>;

/** Asks by the owner of this host. */
export function livingOwners({ owner }: Host): IsAlive {
  return async (id) => (await owner.lifeOf(id)) === "alive";
}
