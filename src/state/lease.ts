/**
 * Leases: one holder of a name at a time, over machines, on nothing but create-if-absent of the lake's store.
 *
 * Under `_leases/<name>/` every holder creates the next number: `<n>.lease`. Creating is atomic, so of several takers one
 * wins; the highest number holds, which makes the number a fencing token that only grows. The holder alone writes
 * `<n>.beat` (its heartbeat) and `<n>.released`. A taker looks at the highest number: when that is released or its holder
 * is dead, it creates the next. It looks once more afterwards, because a slow taker may have created a number whose
 * successors were taken and cleaned up in the meantime; such a number is below the highest and never held anything.
 */
import { randomUUID } from "node:crypto";
import type { LakeStore } from "../lake/store/store.ts";
import { isRetryable, ShoplakeError } from "../util/errors.ts";
import { identityOf, lifeOf, type ProcessIdentity } from "./process-identity.ts";

export interface LeaseOwner {
  readonly pid: number;
  readonly host: string;
  /** When the process started, ISO 8601. */
  readonly startedAt: string;
  readonly runId: string;
}

export interface LeaseOptions {
  /** Milliseconds without a heartbeat after which a holder on another machine counts as dead. Default 30,000. */
  readonly ttl?: number;
  readonly clock: () => Date;
  /** Milliseconds to wait for another holder before refusing. Default 0. */
  readonly wait?: number;
  /** Milliseconds between heartbeats; 0: none, the holder calls `renew`. Default ttl / 3. */
  readonly heartbeat?: number;
}

export interface Lease {
  readonly name: string;
  /** Fencing token: greater than that of every earlier holder. */
  readonly token: number;
  /** True when the holder before died, or gave it back after a failure: what it left has to be cleaned up. */
  readonly takenOver: boolean;
  /** Fires when the lease was lost to another holder. */
  readonly signal: AbortSignal;
  /** Writes a heartbeat; done by itself every `heartbeat` milliseconds. */
  renew(): Promise<void>;
  /** Throws `conflict` when the lease is not ours any more. Call it right before what only the holder may do. */
  check(): Promise<void>;
  /** Gives the lease back; calling it again does nothing. `failed`: the next holder has to clean up. Default false. */
  release(failed?: boolean): Promise<void>;
}

/** Milliseconds. */
export const DEFAULT_TTL = 30_000;

const KEPT = 10;

interface Holder extends LeaseOwner {
  readonly identity: ProcessIdentity;
  /** Tells two attempts of one process apart when the answer of `create` was lost. */
  readonly nonce: string;
  readonly takenAt: number;
}

interface Place {
  readonly store: LakeStore;
  readonly name: string;
  readonly ttl: number;
  readonly clock: () => Date;
}

/**
 * Takes the lease `name`. A holder that died on this machine is replaced at once, one on another machine after `ttl`.
 * Throws `locked`, naming the holder's process id, machine and start.
 */
export async function acquireLease(
  store: LakeStore,
  name: string,
  owner: LeaseOwner,
  options: LeaseOptions,
): Promise<Lease> {
  const { ttl = DEFAULT_TTL, clock, wait = 0, heartbeat = ttl / 3 } = options;
  const place = { store, name, ttl, clock };
  const until = clock().getTime() + wait;
  for (let lostRaces = 0; ; ) {
    const taken = await tryTake(place, owner);
    if (taken !== "race" && "token" in taken) return holdLease(place, taken, heartbeat);
    if (taken === "race" && lostRaces++ < 100) continue;
    if (taken !== "race" && clock().getTime() >= until) throw lockedError(name, taken);
    if (taken === "race")
      throw new ShoplakeError("locked", `${name} is taken by others all the time`, { retryable: true });
    await pause(Math.min(250, Math.max(1, until - clock().getTime())));
  }
}

/** Who holds the lease now; undefined when it is free. */
export async function leaseHolder(
  store: LakeStore,
  name: string,
  options: { readonly ttl?: number; readonly clock: () => Date },
): Promise<LeaseOwner | undefined> {
  const place = { store, name, ttl: options.ttl ?? DEFAULT_TTL, clock: options.clock };
  const top = await highest(place);
  if (top === 0) return undefined;
  const holder = await livingHolder(place, top);
  return holder === "gone" ? undefined : holder;
}

interface Taken {
  readonly token: number;
  readonly takenOver: boolean;
}

async function tryTake(place: Place, owner: LeaseOwner): Promise<Taken | Holder | "race"> {
  const top = await highest(place);
  let takenOver = false;
  if (top > 0) {
    const holder = await livingHolder(place, top);
    if (holder === "gone") return "race";
    if (holder) return holder;
    const released = await place.store.read(keyOf(place, top, "released"));
    takenOver = released === undefined || released.length > 0;
  }
  const mine: Holder = {
    ...owner,
    identity: identityOf(owner.pid),
    nonce: randomUUID(),
    takenAt: place.clock().getTime(),
  };
  const next = top + 1;
  if (!(await createKnown(place, next, mine))) return "race";
  if (!(await isHighest(place, next))) {
    await place.store.remove(keyOf(place, next, "lease"));
    return "race";
  }
  await removeOld(place, next).catch(() => undefined);
  return { token: next, takenOver };
}

/** Gives the number back when the store breaks here: this process lives, so nobody else could take it over. */
async function isHighest(place: Place, n: number): Promise<boolean> {
  try {
    return (await highest(place)) === n;
  } catch (error) {
    await place.store.create(keyOf(place, n, "released"), new Uint8Array()).catch(() => undefined);
    throw error;
  }
}

/** The holder of number `top`; undefined when it gave the lease back or is dead, "gone" when others moved on meanwhile. */
async function livingHolder(place: Place, top: number): Promise<Holder | undefined | "gone"> {
  const [lease, released, beat] = await Promise.all([
    place.store.read(keyOf(place, top, "lease")),
    place.store.read(keyOf(place, top, "released")),
    place.store.read(keyOf(place, top, "beat")),
  ]);
  if (released) return undefined;
  if (!lease) return "gone";
  const holder = JSON.parse(Buffer.from(lease).toString()) as Holder;
  const life = lifeOf(holder.identity);
  if (life === "alive") return holder;
  if (life === "dead") return undefined;
  const lastSign = beat === undefined ? holder.takenAt : Number(Buffer.from(beat).toString());
  return place.clock().getTime() - lastSign > place.ttl ? undefined : holder;
}

/** create, with a lost answer looked up: true only when the object is ours. */
async function createKnown(place: Place, n: number, mine: Holder): Promise<boolean> {
  const key = keyOf(place, n, "lease");
  try {
    return await place.store.create(key, Buffer.from(JSON.stringify(mine)));
  } catch (error) {
    if (!isRetryable(error)) throw error;
    const found = await place.store.read(key);
    if (!found) throw error;
    return (JSON.parse(Buffer.from(found).toString()) as Holder).nonce === mine.nonce;
  }
}

function holdLease(place: Place, { token, takenOver }: Taken, heartbeat: number): Lease {
  const lost = new AbortController();
  let released = false;
  const lostError = () =>
    new ShoplakeError("conflict", `the lease ${place.name} was taken over by another process`, {
      hint: "This process was silent for too long; what it had staged was not published. Run it again.",
    });
  const stillMine = async (): Promise<boolean> => {
    if (!lost.signal.aborted && (await highest(place)) !== token) lost.abort(lostError());
    return !lost.signal.aborted;
  };
  const renew = async (): Promise<void> => {
    if (released || !(await stillMine())) return;
    const now = String(place.clock().getTime());
    await place.store.replace(keyOf(place, token, "beat"), Buffer.from(now));
  };
  const timer = heartbeat > 0 ? setInterval(() => renew().catch(() => undefined), heartbeat) : undefined;
  timer?.unref();
  return {
    name: place.name,
    token,
    takenOver,
    signal: lost.signal,
    renew,
    async check() {
      if (released || !(await stillMine())) throw lostError();
    },
    async release(failed = false) {
      if (released) return;
      clearInterval(timer);
      await place.store.create(keyOf(place, token, "released"), Buffer.from(failed ? "failed" : ""));
      released = true;
    },
  };
}

async function highest(place: Place): Promise<number> {
  let top = 0;
  for await (const key of place.store.keys(folder(place))) {
    const match = /\/(\d+)\.lease$/.exec(key);
    if (match) top = Math.max(top, Number(match[1]));
  }
  return top;
}

/**
 * The last numbers stay: listing a folder while others change it may miss entries that come or go, and a stale taker must
 * see at least one of those above its own.
 */
async function removeOld(place: Place, token: number): Promise<void> {
  for await (const key of place.store.keys(folder(place))) {
    const match = /\/(\d+)\.(?:lease|beat|released)$/.exec(key);
    if (match && Number(match[1]) < token - KEPT) await place.store.remove(key);
  }
}

function folder(place: Pick<Place, "name">): string {
  return `_leases/${encodeURIComponent(place.name)}/`;
}

function keyOf(place: Place, n: number, part: "lease" | "beat" | "released"): string {
  return `${folder(place)}${String(n).padStart(12, "0")}.${part}`;
}

function lockedError(name: string, holder: Holder): ShoplakeError {
  return new ShoplakeError(
    "locked",
    `${name} is being worked on by another process: pid ${holder.pid} on ${holder.host}, started ${holder.startedAt} (run ${holder.runId})`,
    { where: name, hint: "Wait until it ends, or stop that process.", retryable: true },
  );
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
