/** How many statements run at once, who goes first, and how many may wait for a turn. */
import type { Lane } from "../lane.ts";
import { DatabaseError } from "./errors.ts";

/** The turns of statements. */
export interface Slots {
  /**
   * A free slot's number, after waiting for one if need be. Rejects with code 202 when the queue is full or the wait too
   * long, with 210 when `signal` says that the client has gone.
   */
  acquire(lane: Lane, signal: AbortSignal): Promise<number>;
  /** Releases a slot; whoever is next gets it at once. */
  release(slot: number): void;
  /** Statements that hold a slot. */
  running(): number;
}

/** Sizes of the queue. */
export interface SlotLimits {
  /** Statements at once. */
  readonly slots: number;
  /** Statements that may wait, of both lanes together. */
  readonly queue: number;
  /** Longest wait, milliseconds. */
  readonly queueMs: number;
}

/** A load that waits lets so many interactive statements pass; then it is its turn. So neither lane starves. */
export const PASSES = 4;

/** From so many slots on, one is kept for interactive statements: long loads cannot hold all of them. */
const SLOTS_TO_KEEP_ONE = 4;

interface Waiting {
  readonly lane: Lane;
  readonly take: (slot: number) => void;
}

/** Interactive statements go first; within a lane first come, first served. */
export function createSlots(limits: SlotLimits): Slots {
  const lanes = new Map<number, Lane>();
  const free = Array.from({ length: limits.slots }, (_, i) => i);
  const waiting: Waiting[] = [];
  const mostLoads = limits.slots < SLOTS_TO_KEEP_ONE ? limits.slots : limits.slots - 1;
  let passed = 0;

  function loads(): number {
    return [...lanes.values()].filter((lane) => lane === "load").length;
  }

  /** Who may have the next free slot; undefined when nobody may. */
  function next(): Waiting | undefined {
    const load = loads() < mostLoads ? waiting.find(({ lane }) => lane === "load") : undefined;
    const interactive = waiting.find(({ lane }) => lane === "interactive");
    if (load !== undefined && (interactive === undefined || passed >= PASSES)) {
      passed = 0;
      return load;
    }
    if (load !== undefined) passed++;
    return interactive;
  }

  function serve(): void {
    while (free.length > 0) {
      const chosen = next();
      const slot = chosen && free.pop();
      if (chosen === undefined || slot === undefined) return;
      waiting.splice(waiting.indexOf(chosen), 1);
      lanes.set(slot, chosen.lane);
      chosen.take(slot);
    }
  }

  function acquire(lane: Lane, signal: AbortSignal): Promise<number> {
    return new Promise((resolve, reject) => {
      const stopWaiting = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", gone);
      };
      const leave = (error: Error) => {
        const at = waiting.indexOf(entry);
        if (at >= 0) waiting.splice(at, 1);
        stopWaiting();
        reject(error);
      };
      const gone = () => leave(new DatabaseError(210, "Client disconnected", "NETWORK_ERROR"));
      const late = () => leave(tooMany(`Waited ${limits.queueMs} ms for a free slot`));
      const timer = setTimeout(late, limits.queueMs);
      const entry: Waiting = {
        lane,
        take: (slot) => {
          stopWaiting();
          resolve(slot);
        },
      };
      signal.addEventListener("abort", gone, { once: true });
      waiting.push(entry);
      serve();
      if (waiting.length > limits.queue) leave(tooMany(`Maximum: ${limits.slots}, queued: ${limits.queue}`));
    });
  }

  function release(slot: number): void {
    lanes.delete(slot);
    free.push(slot);
    serve();
  }

  return { acquire, release, running: () => lanes.size };
}

function tooMany(detail: string): DatabaseError {
  return new DatabaseError(
    202,
    `Too many simultaneous queries. ${detail}`,
    "TOO_MANY_SIMULTANEOUS_QUERIES",
    503,
  );
}
