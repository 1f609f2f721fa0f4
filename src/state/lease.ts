/**
 * Leases: who may write a dataset now, over machines, on nothing but create-if-absent, list, read and remove of the lake's store.
 *
 * A lease is a queue. Under `_leases/<name>/` whoever wants it creates the next number, `<n>.lease`: creating is atomic, so
 * of several takers one gets the number, and the number only grows: it is the epoch, the fencing token. A `rewrite` holds the
 * lease when no number before its own is held or waited with; an `append` when no number before its own is a rewrite. So
 * several append at a time, a rewrite is alone, and an append that comes after a waiting rewrite waits for it.
 *
 * A number ends with `<n>.released`, written once: by its holder, or by one who waits for it and finds that its owner is
 * dead (owners.ts). A holder looks for it right before it publishes, which is the fence. Numbers that ended are removed once
 * `kept` later ones are there. A slow taker may create such a number anew: it then sees how far it is behind, and tries again.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { isRetryable, ShoplakeError } from "../util/errors.ts";
import { holdTicket, type Lease, type Place, type Placed } from "./lease-hold.ts";
import { interruption, lockedError, waitingFor } from "./lease-messages.ts";
import {
  type LeaseMode,
  leaseKey,
  listNumbers,
  type Numbers,
  parseTicket,
  renderTicket,
  type Ticket,
} from "./lease-objects.ts";
import { type Blocker, conflicts, type Looker, lookAt } from "./lease-queue.ts";
import type { Owner } from "./owners.ts";

export type { Lease } from "./lease-hold.ts";
export type { LeaseMode } from "./lease-objects.ts";

/** How to hold a lease, and how long to wait for it. */
export interface LeaseOptions {
  /** What it is held for, shown to who waits: "run 4f2c", "maintain". */
  readonly purpose: string;
  /** `append`: with others; `rewrite`: alone. Default "rewrite". */
  readonly mode?: LeaseMode;
  /** Milliseconds to wait for others before refusing. Default 0. */
  readonly wait?: number;
  /** Ends the waiting: it rejects at once, and what it wrote is undone. */
  readonly signal?: AbortSignal;
  /** Told once, when it has to wait: "the lease of silver.orders, held by pid 7 on mars, ...". */
  readonly onWait?: (what: string) => void;
}

/** Numbers that stay after they ended: a listing while others change the folder still sees some above a stale one. */
const kept = 10;
/** Lost races for the next number before it gives up. */
const maxRaces = 100;
/** Milliseconds between two looks at those before: the first and the longest. */
const looks = { first: 10, longest: 250 } as const;
/** Milliseconds after an abort after which the caller stops waiting, also when the store does not answer. */
const letGo = 150;

/**
 * Takes the lease `name`. Throws `locked` (retryable), naming the holder's process id, machine and start, when others have it
 * longer than `wait`; `interrupted` when the signal was aborted, with what it waited for and the signal's reason; `io` when the store fails.
 */
export async function acquireLease(owner: Owner, name: string, options: LeaseOptions): Promise<Lease> {
  const { signal } = options;
  const waiting: Waiting = { what: `the lease of ${name}` };
  if (signal === undefined) return take({ owner, name }, options, waiting);
  if (signal.aborted) throw interruption(signal, waiting.what);
  const taking = take({ owner, name }, options, waiting);
  const aborted = new AbortController();
  const unanswered = new Promise<never>((_, reject) => {
    const late = (): void => {
      setTimeout(() => reject(interruption(signal, waiting.what)), letGo).unref();
    };
    signal.addEventListener("abort", late, { once: true, signal: aborted.signal });
  });
  unanswered.catch(() => undefined);
  try {
    return await Promise.race([taking, unanswered]);
  } catch (error) {
    // A lease that comes after the caller has stopped waiting is released.
    void taking.then((lease) => lease.release()).catch(() => undefined);
    throw error;
  } finally {
    aborted.abort();
  }
}

/** Those who hold the lease or wait for it now, first come first. */
export async function leaseHolders(owner: Owner, name: string): Promise<readonly Blocker[]> {
  return unfinished(lookAt(owner, name), await listNumbers(owner.store, name));
}

/** What is being waited for, for messages. */
interface Waiting {
  what: string;
}

async function take(place: Place, options: LeaseOptions, waiting: Waiting): Promise<Lease> {
  const { owner, name } = place;
  const { purpose, mode = "rewrite", wait = 0, signal, onWait } = options;
  const until = owner.monotonic() + wait;
  await owner.register();
  const looker = lookAt(owner, name);
  if (wait === 0) await refuseWhenHeld(place, looker, mode);
  const placed = await enterQueue(place, { owner: owner.record, purpose, mode, nonce: randomUUID() });
  const held = holdTicket(place, placed);
  try {
    const takenOver = await myTurn(placed, looker, async (blocker, turn) => {
      waiting.what = waitingFor(name, blocker);
      if (turn === 0) onWait?.(waiting.what);
      if (owner.monotonic() >= until) throw lockedError(name, blocker);
      const pause = Math.min(
        looks.longest,
        looks.first * 1.5 ** turn,
        Math.max(1, until - owner.monotonic()),
      );
      await sleep(pause, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
      if (signal?.aborted) throw interruption(signal, waiting.what);
    });
    if (signal?.aborted) throw interruption(signal, waiting.what);
    await removeOld(place, placed).catch(() => undefined);
    return held(takenOver);
  } catch (error) {
    // Those before may have left something: whoever comes next looks.
    await held(false).release(true);
    throw error;
  }
}

/** Without waiting there is no need to enter the queue when somebody else holds the lease. */
async function refuseWhenHeld({ owner, name }: Place, looker: Looker, mode: LeaseMode): Promise<void> {
  const inTheWay = await unfinished(looker, await listNumbers(owner.store, name));
  const blocker = inTheWay.find((other) => conflicts(mode, other));
  if (blocker !== undefined) throw lockedError(name, blocker);
}

async function unfinished(looker: Looker, { all, released }: Numbers): Promise<Blocker[]> {
  const found: Blocker[] = [];
  for (const number of all) {
    if (released.has(number)) continue;
    const standing = await looker.standing(number);
    if (typeof standing !== "string") found.push(standing);
  }
  return found;
}

/** Creates the next number. */
async function enterQueue(place: Place, ticket: Ticket): Promise<Placed> {
  const { owner, name } = place;
  for (let race = 0; race < maxRaces; race++) {
    const token = (await listNumbers(owner.store, name)).top + 1;
    const placed = { token, ticket, numbers: await createAndLook(place, token, ticket) };
    if (placed.numbers !== undefined) return { ...placed, numbers: placed.numbers };
  }
  throw new ShoplakeError("locked", `${name} is taken by others all the time`, {
    where: name,
    retryable: true,
  });
}

/** What is in the queue once the number is ours; undefined when another was faster or we were much too slow. */
async function createAndLook(place: Place, token: number, ticket: Ticket): Promise<Numbers | undefined> {
  const { owner, name } = place;
  const key = leaseKey(name, token, "lease");
  // From here on this process counts as working under it: others of this process must not find it dead.
  owner.holdings.set(ticket.nonce, { name, ended: false, working: false, look: async () => undefined });
  try {
    const created = await createKnown(owner, key, ticket);
    const numbers = created ? await listNumbers(owner.store, name) : undefined;
    if (numbers !== undefined && numbers.top - token < kept) return numbers;
    if (created) await owner.store.remove(key);
    owner.holdings.delete(ticket.nonce);
    return undefined;
  } catch (error) {
    await holdTicket(place, { token, ticket, numbers: undefined })(false).release(true);
    throw error;
  }
}

/** create, with a lost answer looked up: true only when the object is ours. */
async function createKnown({ store }: Owner, key: string, ticket: Ticket): Promise<boolean> {
  try {
    return await store.create(key, renderTicket(ticket));
  } catch (error) {
    if (!isRetryable(error)) throw error;
    const found = await store.read(key);
    if (!found) throw error;
    return parseTicket(found)?.nonce === ticket.nonce;
  }
}

/**
 * Waits until no earlier number conflicts; `pause` is called with the one that does, and the number of the look. True when one of those
 * before died or failed: what it left has to be cleaned up.
 */
async function myTurn(
  { token, ticket, numbers }: Placed,
  looker: Looker,
  pause: (blocker: Blocker, turn: number) => Promise<void>,
): Promise<boolean> {
  const before = (numbers?.all ?? []).filter((n) => n < token);
  const last = before.at(-1);
  let pending = before.filter((n) => n === last || !numbers?.released.has(n));
  let takenOver = false;
  for (let turn = 0; ; turn++) {
    const blockers: Blocker[] = [];
    for (const number of pending) {
      const standing = await looker.standing(number);
      if (standing === "dead") await looker.bury(number);
      if (standing === "dead" || standing === "failed") takenOver = true;
      if (typeof standing !== "string") blockers.push(standing);
    }
    const blocker = blockers.find((other) => conflicts(ticket.mode, other));
    if (blocker === undefined) return takenOver;
    pending = blockers.map(({ number }) => number);
    await pause(blocker, turn);
  }
}

/** The lease object goes first: a number without it is not held, whatever else is still there. */
async function removeOld({ owner }: Place, { token, numbers }: Placed): Promise<void> {
  for (const [n, keys] of numbers?.keys ?? []) {
    const ended = numbers?.released.has(n) || !numbers?.all.includes(n);
    if (n >= token - kept || !ended) continue;
    const leaseFirst = [...keys].sort((a, b) => Number(b.endsWith(".lease")) - Number(a.endsWith(".lease")));
    for (const key of leaseFirst) await owner.store.remove(key);
  }
}
