/**
 * Owners: who works on a project, and whether it still lives. The one primitive of liveness: leases, staged files and
 * staged tables name their owner, and ask here.
 *
 * A process has one owner per project it has open. Its object in the lake's store says who it is and changes with every
 * heartbeat. On the same machine a process is looked up itself (pid and start time): a killed one is dead at once. Of another
 * machine the object has to change within one `ttl` of the reader's own clock.
 */
import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import type { LakeStore } from "../lake/store/store.ts";
import { messageOf } from "../util/errors.ts";
import { type Silence, watchSilence } from "./lease-silence.ts";
import { type OwnerRecord, ownerKey, parseOwner, renderOwner } from "./owner-record.ts";
import { identityOf, isSameProcess, lifeOfProcess, type ProcessIdentity } from "./process-identity.ts";

export type { OwnerRecord } from "./owner-record.ts";

/** Milliseconds without a heartbeat after which an owner on another machine counts as dead. */
export const defaultTtl = 30_000;

/** What can be said of a process; who is in doubt counts as alive. */
export type Life = "alive" | "dead";

/** Who this process is, and how often it shows that it lives. */
export interface OwnerOptions {
  /** The lake's store: all owners of a project use the same one. */
  readonly store: LakeStore;
  /** When the process opened the project; shown to people. */
  readonly startedAt: Date;
  /** Name of the machine, for people. Default: its host name. */
  readonly host?: string;
  /** Default: this process. */
  readonly identity?: ProcessIdentity;
  /** Milliseconds without a heartbeat after which an owner on another machine counts as dead. Default 30,000. */
  readonly ttl?: number;
  /** Milliseconds between heartbeats; 0: none, `beat` is called. Default ttl / 3. */
  readonly heartbeat?: number;
  /** Milliseconds that only grow. Default: `performance.now`. */
  readonly monotonic?: () => number;
  /** Told of damaged objects and of writes that failed and are tried again. Default: nobody. */
  readonly warn?: (message: string) => void;
}

/** Something of this owner that needs looking after: a lease that is held, or one whose release has to be tried again. */
export interface Holding {
  /** Name of the lease. */
  readonly name: string;
  /** True when the work under it has ended; only its release is still to be written. */
  readonly ended: boolean;
  /** True from its turn to its end: false while it waits for others. */
  readonly working: boolean;
  /** With every heartbeat and at the close. Does not throw. */
  look(): Promise<void>;
}

/** This process as others see it, and its way of asking about them. */
export interface Owner {
  /** Unique for the life of this process: 12 characters of [0-9a-f]. */
  readonly id: string;
  /** Name of the machine. */
  readonly host: string;
  /** Process id on that machine. */
  readonly pid: number;
  /** What other objects say of this owner. */
  readonly record: OwnerRecord;
  /** Where the objects of owners and leases are. */
  readonly store: LakeStore;
  /** Milliseconds; see `OwnerOptions.ttl`. */
  readonly ttl: number;
  /** Milliseconds that only grow; never the wall clock, which may be set back. */
  readonly monotonic: () => number;
  /** For how long an object of another owner has not changed. */
  readonly silence: Silence;
  /** Told of damaged objects and of writes that are tried again. */
  readonly warn: (message: string) => void;
  /** Leases of this process by nonce; lease.ts fills it. */
  readonly holdings: Map<string, Holding>;
  /**
   * Asked by id: an owner without an object has closed or was swept, so it is dead. Asked by record (of a lease): without an
   * object it counts as alive for one `ttl`, because it may be about to write it again. An owner of another machine that was
   * never looked at before counts as alive.
   */
  lifeOf(owner: string | OwnerRecord): Promise<Life>;
  /** True while this process works under the lease with this nonce. */
  holds(nonce: string): boolean;
  /** Writes the owner's object and starts the heartbeat; nothing the second time. Before anything is owned. */
  register(): Promise<void>;
  /** One heartbeat; done by itself. Throws when the store does. */
  beat(): Promise<void>;
  /** Tries open releases once more and removes the owner's object. Does not throw; nothing the second time. */
  close(): Promise<void>;
}

/** Nothing is written before `register`. */
export function openOwner(options: OwnerOptions): Owner {
  const { store, ttl = defaultTtl, heartbeat = ttl / 3, warn = () => undefined } = options;
  const { monotonic = () => performance.now(), identity = identityOf() } = options;
  const id = randomBytes(6).toString("hex");
  const startedAt = options.startedAt.toISOString();
  const { host = hostname() } = options;
  const { pid } = identity;
  const record = { id, host, pid, startedAt, identity };
  const holdings = new Map<string, Holding>();
  const silence = watchSilence(monotonic);
  const life = { record, store, ttl, silence };
  let beats = 0;
  let registered: Promise<void> | undefined;
  let beating: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  const lookAfter = async (): Promise<void> => {
    await Promise.all([...holdings.values()].map((holding) => holding.look()));
  };
  const beatOnce = async (): Promise<void> => {
    await store.replace(ownerKey(id), renderOwner(record, ++beats));
    await lookAfter();
  };
  const beat = (): Promise<void> => {
    if (closed) return Promise.resolve();
    beating ??= beatOnce().finally(() => {
      beating = undefined;
    });
    return beating;
  };
  const register = async (): Promise<void> => {
    await beat();
    if (heartbeat > 0) timer = setInterval(() => void beat().catch(() => undefined), heartbeat).unref();
  };
  return {
    ...{ id, host, pid, record, store, ttl, monotonic, silence, warn, holdings },
    async lifeOf(owner) {
      if ((typeof owner === "string" ? owner : owner.id) === id) return closed ? "dead" : "alive";
      return lifeOfOther(life, owner);
    },
    holds: (nonce) => holdings.get(nonce)?.ended === false,
    register() {
      registered ??= register().catch((error: unknown) => {
        registered = undefined;
        throw error;
      });
      return registered;
    },
    beat,
    async close() {
      if (closed) return;
      closed = true;
      clearInterval(timer);
      await beating?.catch(() => undefined);
      await lookAfter();
      if (registered === undefined) return;
      await store.remove(ownerKey(id)).catch((error: unknown) => {
        warn(`the object of this process could not be removed from ${store.location}: ${messageOf(error)}`);
      });
    },
  };
}

interface Asking {
  readonly record: OwnerRecord;
  readonly store: LakeStore;
  readonly ttl: number;
  readonly silence: Silence;
}

/** Another owner of the same process is told by its heartbeat: its process lives, but it may have ended without a close. */
async function lifeOfOther(asking: Asking, owner: string | OwnerRecord): Promise<Life> {
  const { store, ttl, silence } = asking;
  const byId = typeof owner === "string";
  if (!byId && lifeOfProcess(owner.identity) === "dead") return "dead";
  const key = ownerKey(byId ? owner : owner.id);
  const { bytes, silent } = await silence(key, () => store.read(key));
  if (byId && bytes === undefined) return "dead";
  const record = byId ? parseOwner(bytes) : owner;
  if (record !== undefined && !isSameProcess(record.identity, asking.record.identity)) {
    const found = lifeOfProcess(record.identity);
    if (found === "dead") return "dead";
    if (found === "alive" && bytes !== undefined) return "alive";
  }
  return silent > ttl ? "dead" : "alive";
}

/** The id of a task of this owner: whatever is staged under it says whose it is. `id`: [a-z0-9]. */
export function taskIdOf(owner: string, id: string): string {
  return `${owner}_${id}`;
}

/** The owner in a task's id; undefined for ids of older versions, which do not name one. */
export function ownerOfTask(taskId: string): string | undefined {
  return /^([0-9a-f]{12})_/.exec(taskId)?.[1];
}
