/** Old months go; what an open reject or the newest publication of a dataset needs stays, whatever its age. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { openQuarantine, stageRejectedInputs } from "../../src/quality/quarantine.ts";
import { openState, runDetail, type State } from "../../src/state/state.ts";
import { embeddedForTests, type TestEngine } from "../engine/harness.ts";

let t: TestEngine;
let state: State;
let now = new Date("2025-01-05T00:00:00Z");
const clock = () => now;
beforeAll(async () => {
  t = await embeddedForTests();
  state = await openState(t.engine, clock);
});
afterAll(() => t.stop());

interface Made {
  readonly at: string;
  readonly dataset: string;
  readonly mode?: "full" | "increment";
  readonly rejects?: readonly string[];
  readonly superseded?: readonly string[];
}

/** A run with one task that published a version, with a check and rejects. */
async function make(runId: string, { at, dataset, mode = "increment", rejects = [], superseded = [] }: Made) {
  now = new Date(at);
  const of = { runId, taskId: `${runId}-t` };
  const counts = { read: rejects.length, published: 0, rejected: rejects.length, deduplicated: 0 };
  await state.runs.record({ runId, state: "running", startedAt: now, owner: "me" });
  await stageRejectedInputs(t.engine, {
    ...of,
    dataset,
    at: now,
    rejected: rejects.map((sourceRef) => ({ sourceRef, rule: "broken", reason: "r", raw: sourceRef })),
  });
  const task = { ...of, dataset, layer: "bronze", attempt: 1, action: "extract", reason: "", startedAt: now };
  await state.tasks.record({ ...task, state: "success", counts, endedAt: now });
  await state.publications.record({
    ...of,
    dataset,
    version: Number(runId.slice(1)),
    mode,
    counts,
    supersededSources: superseded,
  });
  await state.runs.record({ runId, state: "success", startedAt: now, endedAt: now, owner: "me" });
}

const ids = async (table: string, column = "run_id") =>
  (await t.engine.rows<{ id: string }>(`SELECT DISTINCT ${column} AS id FROM ops.${table} ORDER BY id`)).map(
    ({ id }) => id,
  );
const rejects = () =>
  t.engine.rows(
    "SELECT source_ref, status, attempts, occurrences, first_seen_at FROM ops.quarantine WHERE status != 'replayed' ORDER BY source_ref",
  );

test("old months are given up, but for what is still needed", async () => {
  await make("r1", { at: "2025-01-05T00:00:00Z", dataset: "bronze.a", rejects: ["a.csv:1", "b.csv:1"] });
  await make("r2", { at: "2025-01-06T00:00:00Z", dataset: "bronze.a", superseded: ["b.csv"] });
  await make("r3", { at: "2025-01-07T00:00:00Z", dataset: "silver.b", mode: "full", rejects: ["k=1"] });
  await make("r4", { at: "2025-01-08T00:00:00Z", dataset: "silver.b", mode: "full" });
  await make("r5", { at: "2025-01-09T00:00:00Z", dataset: "silver.b" });
  await make("r6", { at: "2025-01-10T00:00:00Z", dataset: "bronze.a" });
  await make("r7", { at: "2025-01-11T00:00:00Z", dataset: "bronze.a", rejects: ["d.csv:1"] });
  await openQuarantine(t.engine, clock).discard({ rule: "broken", dataset: "silver.b" }, "me");
  await state.runs.record({ runId: "r0", state: "running", startedAt: new Date("2025-01-01T00:00:00Z") });
  await make("r8", { at: "2026-06-01T00:00:00Z", dataset: "silver.b" });
  await make("r9", { at: "2026-06-02T00:00:00Z", dataset: "bronze.a" });
  const before = await rejects();
  await state.retain(new Date("2025-01-20T00:00:00Z"));
  expect(await ids("publications_log")).toHaveLength(9);
  await state.retain(new Date("2026-03-15T00:00:00Z"));
  const open = before.filter((row) => row["status"] === "open");
  expect(open).toHaveLength(2);
  expect((await rejects()).filter((row) => row["status"] === "open")).toEqual(open);
  // r1 and r7 have the open rejects, r2 says that b.csv came again, r4 is the newest full one, r0 goes on.
  expect(await ids("publications_log")).toEqual(["r1", "r2", "r4", "r7", "r8", "r9"]);
  expect(await ids("runs_log")).toEqual(["r0", "r1", "r2", "r4", "r7", "r8", "r9"]);
  expect(await ids("tasks_log")).toEqual(["r1", "r2", "r4", "r7", "r8", "r9"]);
  expect(await ids("quarantine_events", "status")).toEqual(["discarded"]);
  expect([...(await state.publications.newest()).values()].map(({ runId }) => runId).sort()).toEqual([
    "r8",
    "r9",
  ]);
  expect((await runDetail(state, "r1"))?.tasks).toHaveLength(1);
  const statements: string[] = [];
  const command = (sql: string) => {
    statements.push(sql);
    return t.engine.command(sql);
  };
  const counting = { ...t.engine, command };
  await (await openState(counting, clock)).retain(new Date("2026-03-30T00:00:00Z"));
  expect(statements).toEqual([]);
});

test("the newest publication stays, however old it is", async () => {
  await state.retain(new Date("2030-01-01T00:00:00Z"));
  expect([...(await state.publications.newest()).values()].map(({ runId }) => runId).sort()).toEqual([
    "r8",
    "r9",
  ]);
  expect((await rejects()).filter((row) => row["status"] === "open")).toHaveLength(2);
});
