import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { TaskState } from "../../../src/api/runs.ts";
import { liveProgress, plainProgress, showProgress } from "../../../src/cli/terminal/progress.ts";
import { createBus, type RunBus } from "../../../src/telemetry/bus.ts";
import { SimulatedTerminal, type TestContext, testContext } from "../terminal.ts";

const runId = "20260102-030405-abcd";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Events carry the time of the context's clock. */
function busOf(context: TestContext): RunBus {
  return createBus({ runId, clock: context.clock });
}

const of = (dataset: string) => ({ taskId: `task of ${dataset}`, dataset });

const announced = (dataset: string, reason = "") =>
  ({ ...of(dataset), layer: "silver", action: "full", reason, dependsOn: [] }) as const;

/** A run of four tasks that stops in the middle; `step` lets time pass. */
function halfARun(events: RunBus, step: (ms: number) => void): void {
  const state = (dataset: string, to: TaskState, message?: string) =>
    events.emit("task.state", { ...of(dataset), state: to, attempt: 1, ...(message ? { message } : {}) });
  events.emit("run.started", {
    tasks: [
      announced("bronze.shop_orders", "asks shop for new rows"),
      announced("bronze.shop_customers", "asks shop for new rows"),
      announced("silver.orders", "input bronze.shop_orders may change"),
      announced("reporting:gold.sales", "input gold.sales may change"),
    ],
  });
  state("bronze.shop_orders", "running");
  state("bronze.shop_customers", "running");
  events.emit("task.step", { ...of("bronze.shop_orders"), step: "stage" });
  step(2000);
  events.emit("task.progress", { ...of("bronze.shop_orders"), rows: 120_000 });
  events.emit("task.warning", { ...of("bronze.shop_customers"), message: "new column email" });
  const counts = { read: 5010, published: 5000, rejected: 10, deduplicated: 0 };
  events.emit("task.published", { ...of("bronze.shop_customers"), version: 1, counts });
  state("bronze.shop_customers", "success");
  step(500);
}

function finish(events: RunBus): void {
  const ended = (dataset: string, state: TaskState, message?: string) =>
    events.emit("task.state", { ...of(dataset), state, attempt: 1, ...(message ? { message } : {}) });
  ended("bronze.shop_orders", "failed", "the server closed the connection");
  ended("silver.orders", "upstream_failed");
  ended("reporting:gold.sales", "upstream_failed");
  events.emit("run.finished", { state: "failed", durationMs: 2500 });
}

function passTime(context: TestContext): (ms: number) => void {
  return (ms) => {
    context.tick(ms);
    vi.advanceTimersByTime(ms);
  };
}

describe("live tree", () => {
  for (const [columns, rows] of [
    [100, 24],
    [40, 24],
    [20, 24],
    [100, 6],
  ] as const)
    test(`on ${columns}x${rows} shows the run in the middle and at the end`, async () => {
      const screen = new SimulatedTerminal({ columns, rows });
      const context = testContext({}, { stderr: screen });
      const events = busOf(context);
      const stop = liveProgress(context, events);
      halfARun(events, passTime(context));
      const middle = screen.shown();
      finish(events);
      stop();
      const text = [...middle, "-----", ...screen.shown()].join("\n");
      await expect(text).toMatchFileSnapshot(`../golden/cli/live-${columns}x${rows}.txt`);
      expect(screen.cursorHidden).toBe(false);
    });

  test("200 tasks on 24 lines: never taller than the screen, every running task or its number visible", () => {
    const screen = new SimulatedTerminal({ columns: 80, rows: 24 });
    const context = testContext({}, { stderr: screen });
    const events = busOf(context);
    const stop = liveProgress(context, events);
    const names = Array.from({ length: 200 }, (_, index) => `silver.dataset_${index}`);
    events.emit("run.started", { tasks: names.map((dataset) => announced(dataset)) });
    for (const dataset of names.slice(0, 150))
      events.emit("task.state", { ...of(dataset), state: "success", attempt: 1 });
    for (const dataset of names.slice(150, 190))
      events.emit("task.state", { ...of(dataset), state: "running", attempt: 1 });
    passTime(context)(1000);
    const lines = screen.shown().filter((line) => line !== "");
    expect(lines.length).toBeLessThan(24);
    expect(lines[0]).toBe("silver  150 success, 40 running, 10 queued");
    const shown = lines.filter((line) => line.includes("▸ running")).length;
    expect(lines.at(-2)).toBe(`  … ${40 - shown} more`);
    expect(screen.scrollback).toEqual([]);
    stop();
  });

  test("redraws at most ten times a second, and not at all when nothing changed", () => {
    const screen = new SimulatedTerminal({ columns: 80, rows: 24 });
    const context = testContext({}, { stderr: screen });
    const events = busOf(context);
    const stop = liveProgress(context, events);
    const step = passTime(context);
    events.emit("run.started", { tasks: [announced("silver.orders")] });
    events.emit("task.state", { ...of("silver.orders"), state: "running", attempt: 1 });
    for (let index = 0; index < 1000; index++) {
      events.emit("task.progress", { ...of("silver.orders"), rows: index });
      step(1);
    }
    const draws = screen.text.split("\x1b[?2026h").length - 1;
    expect(draws).toBeGreaterThan(5);
    expect(draws).toBeLessThanOrEqual(10);
    const before = screen.text.length;
    vi.advanceTimersByTime(1000);
    expect(screen.text.length).toBe(before);
    stop();
  });
});

describe("without a terminal", () => {
  for (const verbose of [false, true])
    test(`plain lines${verbose ? ", verbose" : ""}`, async () => {
      const context = testContext({ verbose });
      const events = busOf(context);
      const stop = plainProgress(context, events);
      halfARun(events, passTime(context));
      finish(events);
      stop();
      await expect(context.stderr.text).toMatchFileSnapshot(
        `../golden/cli/plain${verbose ? "-verbose" : ""}.txt`,
      );
      expect(context.stdout.text).toBe("");
    });

  test("--json: every event is one line on stdout, nothing on stderr", () => {
    const context = testContext({ json: true });
    const events = busOf(context);
    const stop = showProgress(context, events);
    halfARun(events, passTime(context));
    finish(events);
    stop();
    events.emit("run.finished", { state: "failed", durationMs: 0 });
    const lines = context.stdout.text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { event: string });
    expect(lines.map((line) => line.event)).toEqual([
      "run.started",
      "task.state",
      "task.state",
      "task.step",
      "task.progress",
      "task.warning",
      "task.published",
      "task.state",
      "task.state",
      "task.state",
      "task.state",
      "run.finished",
    ]);
    expect(context.stderr.text).toBe("");
  });

  test("--quiet: nothing, and no listener stays", () => {
    const context = testContext({ quiet: true });
    const events = busOf(context);
    showProgress(context, events)();
    expect(events.subscribers()).toEqual([]);
    expect(context.stderr.text).toBe("");
  });
});
