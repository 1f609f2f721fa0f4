/** The log of a run: complete, private, and never in the way of the run. */
import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createBus, type RunBus } from "../../src/telemetry/bus.ts";
import { keepRunLog, readRunLog } from "../../src/telemetry/run-log.ts";

let dir: string;
let bus: RunBus;
let warnings: string[];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "shoplake-log-"));
  bus = createBus({ runId: "r1", clock: () => new Date(0) });
  warnings = [];
  bus.subscribe("the test", { "run.warning": ({ message }) => warnings.push(message) });
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

async function aRun(): Promise<void> {
  const log = keepRunLog(dir, bus);
  bus.emit("run.started", { tasks: [] });
  for (let rows = 0; rows < 100; rows++) {
    bus.emit("task.progress", { taskId: "t", dataset: "silver.orders", rows });
    bus.emit("task.warning", { taskId: "t", dataset: "silver.orders", message: `warning ${rows}` });
  }
  await bus.settled(2000);
  bus.emit("run.finished", { state: "success", durationMs: 1 });
  await log.close();
}

it("holds every event but progress, in order, readable by its owner only", async () => {
  await aRun();
  const events = readRunLog(dir, "r1") ?? [];
  expect(events.map(({ event }) => event)).toEqual([
    "run.started",
    ...Array.from({ length: 100 }, () => "task.warning"),
    "run.finished",
  ]);
  expect(events.slice(1, -1).map((event) => event["message"])).toEqual(
    Array.from({ length: 100 }, (_, rows) => `warning ${rows}`),
  );
  expect(events[0]).toMatchObject({ time: "1970-01-01T00:00:00.000Z", runId: "r1" });
  expect(statSync(join(dir, "logs/r1.jsonl")).mode & 0o777).toBe(0o600);
  expect(statSync(join(dir, "logs")).mode & 0o777).toBe(0o700);
  expect(warnings).toEqual([]);
});

it.each([
  ["a file where the folder should be", () => writeFileSync(join(dir, "logs"), "")],
  [
    "a disk that is full",
    () => {
      mkdirSync(join(dir, "logs"));
      symlinkSync("/dev/full", join(dir, "logs/r1.jsonl"));
    },
  ],
])("%s is one warning", async (_, prepare) => {
  prepare();
  await aRun();
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toMatch(/^the log of the run does not follow the run any more, which goes on: E/);
});
