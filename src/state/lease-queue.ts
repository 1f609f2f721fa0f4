/** What is before a number in the queue of a lease, and whether it still has to be waited for. */
import type { LakeStore } from "../lake/store/store.ts";
import { type LeaseMode, leaseKey, parseTicket, type Ticket } from "./lease-objects.ts";
import type { Life, Owner } from "./owners.ts";

/** A number that is still held or waited with. */
export interface Blocker {
  /** Its place in the queue, from 1; lower ones came earlier. */
  readonly number: number;
  /** undefined: the object is empty, cut or foreign. It counts as dead after one ttl without a change. */
  readonly ticket: Ticket | undefined;
  /** Key of the lease object. */
  readonly key: string;
}

/** A number that nobody has released. */
export interface Open extends Blocker {
  /** Whether its owner lives and still works under it. */
  readonly life: Life;
}

/** `dead`: nobody has written yet that it ended. */
export type Standing = Blocker | "ended" | "failed" | "dead";

/** Looks at numbers of one lease; what a ticket says is read once, it never changes. */
export interface Looker {
  /** `ended`: released in order. `failed`: released after a failure, or found dead by somebody. */
  standing(number: number): Promise<Standing>;
  /** A number without the mark that it ended; undefined when it is not there any more. */
  look(number: number): Promise<Open | undefined>;
  /** Marks the holder of the number as dead: from now on it is not held, for anybody. */
  bury(number: number): Promise<void>;
}

/** Opens one lease for looking. Whoever is not found to be dead counts as alive. */
export function lookAt(owner: Owner, name: string): Looker {
  const tickets = new Map<number, Ticket>();
  const warned = new Set<string>();
  const { store } = owner;
  const look = async (number: number): Promise<Open | undefined> => {
    const key = leaseKey(name, number, "lease");
    const known = tickets.get(number);
    if (known !== undefined) return { number, key, ticket: known, life: await lifeOf(owner, known) };
    const { bytes, silent } = await owner.silence(key, () => store.read(key));
    if (bytes === undefined) return undefined;
    const ticket = parseTicket(bytes);
    if (ticket !== undefined) {
      tickets.set(number, ticket);
      return { number, key, ticket, life: await lifeOf(owner, ticket) };
    }
    if (!warned.has(key)) owner.warn(unreadable(store, key));
    warned.add(key);
    return { number, key, ticket, life: silent > owner.ttl ? "dead" : "alive" };
  };
  return {
    look,
    async standing(number) {
      const released = await store.read(leaseKey(name, number, "released"));
      if (released !== undefined) return released.length === 0 ? "ended" : "failed";
      const open = await look(number);
      if (open === undefined) return "ended";
      return open.life === "dead" ? "dead" : open;
    },
    async bury(number) {
      await store.create(leaseKey(name, number, "released"), Buffer.from("dead"));
    },
  };
}

/** A lease of this very process that it does not work under any more is one whose release could not be written. */
async function lifeOf(owner: Owner, ticket: Ticket): Promise<Life> {
  if (ticket.owner.id === owner.id) return owner.holds(ticket.nonce) ? "alive" : "dead";
  return owner.lifeOf(ticket.owner);
}

/** True when a lease of `mode` has to wait for the other: appends only wait for a rewrite. */
export function conflicts(mode: LeaseMode, { ticket }: Blocker): boolean {
  return mode === "rewrite" || ticket?.mode !== "append";
}

function unreadable(store: LakeStore, key: string): string {
  return `the lease file ${store.location}/${key} is empty or damaged: its holder counts as dead once the file has not changed for a while`;
}
