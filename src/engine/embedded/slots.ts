/** How many statements run at once, and how many may wait for a turn. */
import { DatabaseError } from "./errors.ts";

export interface Slots {
  /** A free slot's number, after waiting for one if need be. Rejects with code 202 when the queue is full or the wait too long. */
  acquire(signal: AbortSignal): Promise<number>;
  release(slot: number): void;
  /** Statements that hold a slot. */
  running(): number;
}

export interface SlotLimits {
  readonly slots: number;
  /** Statements that may wait. */
  readonly queue: number;
  /** Longest wait, milliseconds. */
  readonly queueMs: number;
}

/** First come, first served. */
export function createSlots(limits: SlotLimits): Slots {
  const free = Array.from({ length: limits.slots }, (_, i) => i);
  const waiting: { readonly take: (slot: number) => void }[] = [];
  let running = 0;

  function acquire(signal: AbortSignal): Promise<number> {
    const slot = free.pop();
    if (slot !== undefined) {
      running++;
      return Promise.resolve(slot);
    }
    if (waiting.length >= limits.queue)
      return Promise.reject(tooMany(`Maximum: ${limits.slots}, queued: ${limits.queue}`));
    return new Promise((resolve, reject) => {
      const leave = (error: Error) => {
        const at = waiting.indexOf(entry);
        if (at >= 0) waiting.splice(at, 1);
        clearTimeout(timer);
        signal.removeEventListener("abort", gone);
        reject(error);
      };
      const gone = () => leave(new DatabaseError(210, "Client disconnected", "NETWORK_ERROR"));
      const timer = setTimeout(
        () => leave(tooMany(`Waited ${limits.queueMs} ms for a free slot`)),
        limits.queueMs,
      );
      const entry = {
        take: (given: number) => {
          clearTimeout(timer);
          signal.removeEventListener("abort", gone);
          resolve(given);
        },
      };
      signal.addEventListener("abort", gone, { once: true });
      waiting.push(entry);
    });
  }

  function release(slot: number): void {
    const next = waiting.shift();
    if (next) next.take(slot);
    else {
      running--;
      free.push(slot);
    }
  }

  return { acquire, release, running: () => running };
}

function tooMany(detail: string): DatabaseError {
  return new DatabaseError(
    202,
    `Too many simultaneous queries. ${detail}`,
    "TOO_MANY_SIMULTANEOUS_QUERIES",
    503,
  );
}
