/** Listeners are isolated: whatever one does, the others are told, and nobody who emits notices. */
import { describe, expect, it } from "vitest";
import { createBus, mostBehind } from "../../src/telemetry/bus.ts";
import { listenTo } from "../../src/telemetry/events.ts";

const clock = () => new Date("2026-01-02T03:04:05.678Z");
const newBus = () => createBus({ runId: "r1", clock });

function warningsOf(bus: ReturnType<typeof newBus>): string[] {
  const warnings: string[] = [];
  bus.subscribe("the test", { "run.warning": ({ message }) => warnings.push(message) });
  return warnings;
}

describe("events", () => {
  it("say their run and their time", () => {
    const bus = newBus();
    const told: unknown[] = [];
    bus.subscribe(
      "the test",
      listenTo(["task.step"], (name, event) => told.push([name, event])),
    );
    bus.emit("task.step", { taskId: "t", dataset: "silver.orders", step: "stage" });
    expect(told).toEqual([
      [
        "task.step",
        {
          runId: "r1",
          at: "2026-01-02T03:04:05.678Z",
          taskId: "t",
          dataset: "silver.orders",
          step: "stage",
        },
      ],
    ]);
  });

  it("come no more after the end of a subscription", () => {
    const bus = newBus();
    let told = 0;
    const stop = bus.subscribe("the test", { "run.finished": () => told++ });
    expect(bus.subscribers()).toEqual(["the test"]);
    bus.emit("run.finished", { state: "success", durationMs: 1 });
    stop();
    bus.emit("run.finished", { state: "success", durationMs: 1 });
    expect(told).toBe(1);
    expect(bus.subscribers()).toEqual([]);
  });
});

describe("a listener that", () => {
  it("throws is reported once, by name, and the next one is told", async () => {
    const bus = newBus();
    const warnings = warningsOf(bus);
    let told = 0;
    bus.subscribe("the exporter", {
      "run.finished": () => {
        throw new Error("no space left");
      },
      "run.warning": () => {
        throw new Error("still none");
      },
    });
    bus.subscribe("another", { "run.finished": () => told++ });
    for (let i = 0; i < 3; i++)
      expect(() => bus.emit("run.finished", { state: "success", durationMs: 1 })).not.toThrow();
    await bus.settled(1000);
    expect(told).toBe(3);
    expect(warnings).toEqual(["the exporter does not follow the run any more, which goes on: no space left"]);
  });

  it("rejects later is reported once", async () => {
    const bus = newBus();
    const warnings = warningsOf(bus);
    bus.subscribe("the exporter", { "run.finished": () => Promise.reject(new Error("503")) });
    for (let i = 0; i < 3; i++) bus.emit("run.finished", { state: "success", durationMs: 1 });
    await bus.settled(1000);
    expect(warnings).toEqual(["the exporter does not follow the run any more, which goes on: 503"]);
  });

  it("never ends is waited for as long as asked, and reported", async () => {
    const bus = newBus();
    const warnings = warningsOf(bus);
    bus.subscribe("the exporter", { "run.finished": () => new Promise(() => undefined) });
    bus.emit("run.finished", { state: "success", durationMs: 1 });
    const started = performance.now();
    await bus.settled(50);
    expect(performance.now() - started).toBeLessThan(1000);
    expect(warnings).toEqual([
      "the exporter does not follow the run any more, which goes on: it is still busy 0.05 s after the last event",
    ]);
  });

  it("falls behind without end is bounded", () => {
    const bus = newBus();
    const warnings = warningsOf(bus);
    let called = 0;
    bus.subscribe("the exporter", {
      "task.progress": () => {
        called++;
        return new Promise(() => undefined);
      },
    });
    for (let rows = 0; rows < mostBehind + 10; rows++)
      bus.emit("task.progress", { taskId: "t", dataset: "silver.orders", rows });
    expect(called).toBe(mostBehind);
    expect(warnings).toHaveLength(1);
  });

  it("changes what it was told changes nothing for others", () => {
    const bus = newBus();
    const counts = { read: 1, published: 1, rejected: 0, deduplicated: 0 };
    const seen: number[] = [];
    bus.subscribe("the vandal", {
      "task.published": (event) => Object.assign(event.counts, { published: 0 }),
    });
    bus.subscribe("another", { "task.published": (event) => seen.push(event.counts.published) });
    bus.emit("task.published", { taskId: "t", dataset: "silver.orders", version: 1, counts });
    expect(seen).toEqual([1]);
    expect(counts.published).toBe(1);
  });
});
