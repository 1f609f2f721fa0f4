/** What is said of a lease that others have. */
import { ShoplakeError } from "../util/errors.ts";
import type { Blocker } from "./lease-queue.ts";

function describe({ ticket, key }: Blocker): string {
  if (ticket === undefined) return `nobody knows who: ${key} is empty or damaged`;
  const { owner, purpose } = ticket;
  return `pid ${owner.pid} on ${owner.host}, started ${owner.startedAt} (${purpose})`;
}

/** "the lease of silver.orders, held by pid 7 on mars, started ... (run 4f2c)" */
export function waitingFor(name: string, blocker: Blocker): string {
  return `the lease of ${name}, held by ${describe(blocker)}`;
}

/** Others have the lease, and waiting did not help. */
export function lockedError(name: string, blocker: Blocker): ShoplakeError {
  return new ShoplakeError("locked", `${name} is being worked on by another process: ${describe(blocker)}`, {
    where: name,
    hint: "Wait until it ends, or stop that process.",
    retryable: true,
  });
}

/** What a wait says that was aborted: what it waited for, and why it ended. */
export function interruption(signal: AbortSignal, what: string): ShoplakeError {
  const reason: unknown = signal.reason;
  const why = reason instanceof ShoplakeError ? `: ${reason.message}` : "";
  return new ShoplakeError("interrupted", `interrupted while waiting for ${what}${why}`, { cause: reason });
}
