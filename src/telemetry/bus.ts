/**
 * Carries the events of one run to whoever subscribed. A listener cannot hurt the run or another listener: one that throws, now or
 * later, or never ends, is reported once, by name, as a `run.warning`.
 */
import type { EventName, RunEvents } from "../api/events.ts";
import { messageOf, ShoplakeError } from "../util/errors.ts";
import { waitOrAbort } from "../util/wait.ts";
import type { Listeners } from "./events.ts";

/** An event as it is told; the bus adds the run and the time. */
export type Told<K extends EventName> = Omit<RunEvents[K], "runId" | "at">;

/** The events of one run. */
export interface RunBus {
  /** Tells all listeners, in the order in which they subscribed. Never throws; nobody is waited for. */
  emit<K extends EventName>(name: K, event: Told<K>): void;
  /** `name` tells a person who listens, such as "the log of the run". The result ends it. */
  subscribe(name: string, listeners: Listeners): () => void;
  /** Names of those who listen now. */
  subscribers(): readonly string[];
  /** Waits until listeners that work in the background are done, at most `timeoutMs`; one that is not is reported. Never throws. */
  settled(timeoutMs: number): Promise<void>;
}

/** What a bus is made for. */
export interface BusOptions {
  /** Said by every event. */
  readonly runId: string;
  /** Gives the time of every event. */
  readonly clock: () => Date;
}

/** Events that a listener may be behind; further ones are left out and that is reported. */
export const mostBehind = 50_000;

interface Subscriber {
  readonly name: string;
  readonly listeners: Listeners;
  readonly working: Set<Promise<unknown>>;
  reported: boolean;
}

/** A bus that nobody listens to yet. */
export function createBus({ runId, clock }: BusOptions): RunBus {
  const subscribers = new Set<Subscriber>();

  const report = (subscriber: Subscriber, error: unknown): void => {
    if (subscriber.reported) return;
    subscriber.reported = true;
    const message = `${subscriber.name} does not follow the run any more, which goes on: ${messageOf(error)}`;
    emit("run.warning", { message });
  };

  const tell = <K extends EventName>(subscriber: Subscriber, name: K, event: RunEvents[K]): void => {
    const listener = subscriber.listeners[name];
    if (listener === undefined) return;
    if (subscriber.working.size >= mostBehind) {
      report(subscriber, tooSlow());
      return;
    }
    try {
      const result = listener(event);
      if (!(result instanceof Promise)) return;
      const end = result
        .catch((error: unknown) => report(subscriber, error))
        .finally(() => subscriber.working.delete(end));
      subscriber.working.add(end);
    } catch (error) {
      report(subscriber, error);
    }
  };

  function emit<K extends EventName>(name: K, told: Told<K>): void {
    const event = frozen({ runId, at: clock().toISOString(), ...told } as RunEvents[K]);
    for (const subscriber of [...subscribers]) tell(subscriber, name, event);
  }

  return {
    emit,
    subscribe(name, listeners) {
      const subscriber: Subscriber = { name, listeners, working: new Set(), reported: false };
      subscribers.add(subscriber);
      return () => void subscribers.delete(subscriber);
    },
    subscribers: () => [...subscribers].map(({ name }) => name),
    async settled(timeoutMs) {
      const ends = [...subscribers].map((subscriber) =>
        waitOrAbort(Promise.all(subscriber.working), { name: subscriber.name, timeoutMs }).catch(() =>
          report(subscriber, stillBusy(timeoutMs)),
        ),
      );
      await Promise.all(ends);
    },
  };
}

/** Nobody who listens can change what another one is told, or what the run reports. */
function frozen<T>(value: T): T {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const part of Object.values(value)) frozen(part);
  return value;
}

function tooSlow(): ShoplakeError {
  return new ShoplakeError(
    "io",
    `it is ${mostBehind.toLocaleString("en")} events behind; some were left out`,
  );
}

function stillBusy(timeoutMs: number): ShoplakeError {
  return new ShoplakeError("io", `it is still busy ${timeoutMs / 1000} s after the last event`);
}
