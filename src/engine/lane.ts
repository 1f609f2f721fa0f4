/**
 * Who goes first when all slots of the embedded engine are busy: statements of people before those of loads. Work says its
 * lane once; every statement sent in it, however deep, carries the lane with it. A ClickHouse server knows no lanes.
 */
import { AsyncLocalStorage } from "node:async_hooks";

/** "interactive": somebody waits for the answer. "load": part of a run, which may take its time. */
export type Lane = "interactive" | "load";

/** Name of the HTTP header that carries the lane. Outside clients send none: theirs are interactive. */
export const LANE_HEADER = "X-Shoplake-Lane";

const current = new AsyncLocalStorage<Lane>();

/** Runs `work`; statements sent by it, also by what it starts, belong to `lane`. */
export function inLane<T>(lane: Lane, work: () => T): T {
  return current.run(lane, work);
}

/** The lane of the caller. Default: interactive. */
export function currentLane(): Lane {
  return current.getStore() ?? "interactive";
}
