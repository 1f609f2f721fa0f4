/** The one typed event map, documented event by event in `src/api/events.ts`, and what subscribes to it. */
import type { EventName, RunEvents } from "../api/events.ts";

export type * from "../api/events.ts";

/** What listens: a function for each event that it wants to know. It may return a promise; nobody waits for that. */
export type Listeners = {
  readonly [K in EventName]?: (event: RunEvents[K]) => unknown;
};

/** The same listener for several events. */
export function listenTo(names: readonly EventName[], listener: AnyListener): Listeners {
  return Object.fromEntries(names.map((name) => [name, (event: AnyEvent) => listener(name, event)]));
}

/** What a listener gets that is called for several kinds of events. */
export type AnyEvent = RunEvents[EventName];

/** A listener that is told the name with the event. */
export type AnyListener = (name: EventName, event: AnyEvent) => unknown;

/** Every event, in the order in which a run usually tells them. */
export const eventNames: readonly EventName[] = [
  "run.started",
  "task.state",
  "task.inputs",
  "task.step",
  "task.progress",
  "task.warning",
  "task.published",
  "check.result",
  "run.warning",
  "run.finished",
];
