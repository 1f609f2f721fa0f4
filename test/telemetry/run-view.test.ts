/** The view of a run: who comes late knows as much as who was there from the start. */
import fc from "fast-check";
import { expect, it } from "vitest";
import type { TaskState } from "../../src/api/runs.ts";
import { createBus } from "../../src/telemetry/bus.ts";
import { type AnyEvent, type EventName, eventNames, listenTo } from "../../src/telemetry/events.ts";
import { emptyRun, fold, follow } from "../../src/telemetry/run-view.ts";

const datasets = ["bronze.a", "silver.b", "out:gold.c"];
const states: TaskState[] = ["running", "up_for_retry", "success", "failed", "cancelled"];
const arbitraryEvent = fc.record({
  kind: fc.constantFrom("state", "step", "progress", "warning", "published"),
  dataset: fc.constantFrom(...datasets),
  state: fc.constantFrom(...states),
  rows: fc.nat(),
});

function play(
  bus: ReturnType<typeof createBus>,
  event: typeof arbitraryEvent extends fc.Arbitrary<infer T> ? T : never,
) {
  const { kind, dataset, state, rows } = event;
  const of = { taskId: dataset, dataset };
  const counts = { read: rows, published: rows, rejected: 0, deduplicated: 0 };
  if (kind === "state") bus.emit("task.state", { ...of, state, attempt: 1 });
  else if (kind === "step") bus.emit("task.step", { ...of, step: "stage" });
  else if (kind === "progress") bus.emit("task.progress", { ...of, rows });
  else if (kind === "warning") bus.emit("task.warning", { ...of, message: String(rows) });
  else bus.emit("task.published", { ...of, version: rows, counts });
}

it("is the same, folded live or from the events as JSON afterwards; and a snapshot never changes", () => {
  fc.assert(
    fc.property(fc.array(arbitraryEvent, { maxLength: 40 }), (events) => {
      let now = 0;
      const bus = createBus({ runId: "r", clock: () => new Date(now++) });
      const { view } = follow(bus, 0);
      const told: [EventName, AnyEvent][] = [];
      bus.subscribe(
        "the test",
        listenTo(eventNames, (name, event) => told.push([name, event])),
      );
      const tasks = datasets.map(
        (dataset) => ({ taskId: dataset, dataset, layer: "silver", action: "full" }) as const,
      );
      bus.emit("run.started", { tasks: tasks.map((task) => ({ ...task, reason: "", dependsOn: [] })) });
      const snapshots: [unknown, string][] = [];
      for (const event of events) {
        snapshots.push([view(), JSON.stringify(view())]);
        play(bus, event);
      }
      const replayed = (JSON.parse(JSON.stringify(told)) as typeof told).reduce(
        (known, [name, event]) => fold(known, name, event as never),
        emptyRun(0),
      );
      expect(JSON.stringify(replayed)).toBe(JSON.stringify(view()));
      for (const [snapshot, was] of snapshots) expect(JSON.stringify(snapshot)).toBe(was);
    }),
  );
});

it("keeps the last hundred warnings only", () => {
  const bus = createBus({ runId: "r", clock: () => new Date(0) });
  const { view } = follow(bus, 0);
  for (let n = 0; n < 250; n++) bus.emit("run.warning", { message: String(n) });
  expect(view().warnings.map(({ message }) => message)).toEqual(
    Array.from({ length: 100 }, (_, n) => String(150 + n)),
  );
});
