/** Who works on a run, and whether it still lives. */
import { identityOf, lifeOf } from "../state/process-identity.ts";

/** Whether the owner with this id still lives. Asked of the owners themselves, never concluded from how old or how many runs are. */
export type IsAlive = (owner: string) => Promise<boolean>;

/** The id of this process as an owner of runs. */
export function ownerOfThisProcess(): string {
  return JSON.stringify(identityOf());
}

/** Looks a process of this machine up. One of another machine, which cannot be looked up, counts as alive. */
export const isAliveProcess: IsAlive = async (owner) => lifeOf(JSON.parse(owner)) !== "dead";
