/** A lease while it is held: its fence, and a release that is written sooner or later. */
import { messageOf, ShoplakeError } from "../util/errors.ts";
import { leaseKey, type Numbers, parseTicket, type Ticket } from "./lease-objects.ts";
import type { Owner } from "./owners.ts";

/** A lease by whom and by what name. */
export interface Place {
  /** Who holds it or wants it. */
  readonly owner: Owner;
  /** The dataset, or another name that writers agreed on; any text. */
  readonly name: string;
}

/** A number in the queue that is ours. */
export interface Placed {
  /** The number itself, from 1; it is the fencing token of the lease. */
  readonly token: number;
  /** What its lease object says. */
  readonly ticket: Ticket;
  /** The queue as it was seen after the number was created; undefined: it is not known whether it was created. */
  readonly numbers: Numbers | undefined;
}

/** The right to write a dataset, as long as `check` does not throw. */
export interface Lease {
  /** As it was asked for. */
  readonly name: string;
  /** Epoch and fencing token: greater than that of everybody who came before. */
  readonly token: number;
  /** True when one before died, or released it after a failure: what it left has to be cleaned up. */
  readonly takenOver: boolean;
  /** Fires with a `conflict` when the lease was lost to another process; looked for with every heartbeat. */
  readonly signal: AbortSignal;
  /** Throws `conflict` when the lease is not ours any more. Call it right before what only the holder may do. */
  check(): Promise<void>;
  /**
   * Releases the lease; calling it again does nothing. Does not throw: while the store fails it is tried again, for this
   * process the lease is free at once. `failed`: the next holder has to clean up. Default false.
   */
  release(failed?: boolean): Promise<void>;
}

/** Milliseconds after which a failed release is tried again; then with every heartbeat and at the owner's close. */
const again = [100, 400, 1_600, 6_400] as const;

/** The number counts as worked under from now on; the result makes the lease of it, once it is our turn. */
export function holdTicket(place: Place, placed: Placed): (takenOver: boolean) => Lease {
  const { owner, name } = place;
  const { token, ticket } = placed;
  const lost = new AbortController();
  let working = false;
  let result: "ended" | "failed" | undefined;

  const isMine = async (): Promise<boolean> => {
    if (!lost.signal.aborted && !(await stillHeld(place, placed))) lost.abort(lostError(name));
    return !lost.signal.aborted;
  };
  const writeRelease = async (): Promise<void> => {
    // Never the number of another: whether ours was created may be unknown.
    if (placed.numbers === undefined && !(await isOurs(place, placed))) return;
    const bytes = Buffer.from(result === "failed" ? "failed" : "");
    await owner.store.create(leaseKey(name, token, "released"), bytes);
  };
  const tryRelease = async (): Promise<unknown> => {
    try {
      await writeRelease();
      owner.holdings.delete(ticket.nonce);
      return undefined;
    } catch (error) {
      return error;
    }
  };
  const tryLater = (attempt: number): void => {
    const wait = again[attempt];
    if (wait === undefined) return;
    const retry = async (): Promise<void> => {
      const open = owner.holdings.has(ticket.nonce);
      if (open && (await tryRelease()) !== undefined) tryLater(attempt + 1);
    };
    setTimeout(() => void retry(), wait).unref();
  };
  owner.holdings.set(ticket.nonce, {
    name,
    get ended() {
      return result !== undefined;
    },
    get working() {
      return working && result === undefined;
    },
    async look() {
      if (result !== undefined) await tryRelease();
      else await isMine().catch(() => undefined);
    },
  });
  return (takenOver) => {
    working = true;
    return {
      name,
      token,
      takenOver,
      signal: lost.signal,
      async check() {
        if (result !== undefined || !(await isMine())) throw lostError(name);
      },
      async release(failed = false) {
        if (result !== undefined) return;
        result = failed ? "failed" : "ended";
        const error = await tryRelease();
        if (error === undefined) return;
        owner.warn(
          `the lease of ${name} could not be given back yet, it is tried again: ${messageOf(error)}`,
        );
        tryLater(0);
      },
    };
  };
}

/** In this order: who removes an ended number removes the lease object before the mark that it ended. */
async function stillHeld(place: Place, placed: Placed): Promise<boolean> {
  const { owner, name } = place;
  const released = await owner.store.read(leaseKey(name, placed.token, "released"));
  return released === undefined && (await isOurs(place, placed));
}

async function isOurs({ owner, name }: Place, { token, ticket }: Placed): Promise<boolean> {
  const bytes = await owner.store.read(leaseKey(name, token, "lease"));
  return bytes !== undefined && parseTicket(bytes)?.nonce === ticket.nonce;
}

function lostError(name: string): ShoplakeError {
  return new ShoplakeError("conflict", `the lease ${name} was taken over by another process`, {
    where: name,
    hint: "This process was silent for too long; what it had staged was not published. Run it again.",
  });
}
