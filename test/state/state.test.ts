import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CheckResult } from "../../src/api/checks.ts";
import type { PublicationRecord, TaskRecord } from "../../src/state/records.ts";
import { SCHEMA_VERSION } from "../../src/state/schema.ts";
import { openState, runDetail, type State } from "../../src/state/state.ts";
import { embeddedForTests, type TestEngine } from "../engine/harness.ts";

let t: TestEngine;
let state: State;
let now = Date.UTC(2024, 0, 1);
const clock = () => new Date(now);

beforeAll(async () => {
  t = await embeddedForTests();
  state = await openState(t.engine, clock);
});
afterAll(() => t.stop());

const startedAt = new Date("2024-01-01T00:00:00.123Z");
const counts = { read: 10, published: 7, rejected: 2, deduplicated: 1 };

function task(more: Partial<TaskRecord> = {}): TaskRecord {
  return {
    taskId: "t1",
    runId: "r1",
    dataset: "silver.orders",
    layer: "silver",
    attempt: 1,
    state: "running",
    action: "full",
    reason: "first run",
    startedAt,
    ...more,
  };
}

function publication(more: Partial<PublicationRecord> = {}): PublicationRecord {
  return { dataset: "silver.orders", version: 1, taskId: "p1", runId: "r1", mode: "full", counts, ...more };
}

const check: CheckResult = {
  dataset: "silver.orders",
  name: "not_null_id",
  type: "not_null",
  column: "id",
  severity: "error",
  dimension: "completeness",
  status: "fail",
  success: false,
  element_count: 10,
  unexpected_count: 1,
  unexpected_percent: 10,
  sample: [{ id: null, total: "12345678901234567890.12" }],
  query: "SELECT 'it''s'",
  location: "models/silver/orders.sql:9",
  message: "1 of 10 rows are bad",
};

describe("schema", () => {
  test("opening again is one statement", async () => {
    const statements: string[] = [];
    const engine: typeof t.engine = {
      ...t.engine,
      rows: (sql, options) => {
        statements.push(sql);
        return t.engine.rows(sql, options);
      },
      command: (sql, options) => {
        statements.push(sql);
        return t.engine.command(sql, options);
      },
    };
    await openState(engine, clock);
    expect(statements).toHaveLength(1);
  });

  test("several may create it at once, and what was recorded stays", async () => {
    await state.runs.record({ runId: "kept", state: "success", startedAt });
    await t.engine.command("DROP VIEW ops.schema_version");
    await Promise.all([openState(t.engine, clock), openState(t.engine, clock), openState(t.engine, clock)]);
    expect(await t.engine.rows("SELECT version FROM ops.schema_version")).toEqual([
      { version: SCHEMA_VERSION },
    ]);
    expect((await state.runs.list()).map((run) => run.runId)).toContain("kept");
  });
});

describe("runs and tasks", () => {
  test("a run shows its latest state, whatever the clocks said", async () => {
    await state.runs.record({
      runId: "r1",
      state: "success",
      startedAt,
      endedAt: clock(),
      tasks: 2,
      selection: "+gold",
    });
    now += 5;
    await state.runs.record({ runId: "r1", state: "running", startedAt, pid: 7, host: "mars" });
    expect((await runDetail(state, "r1"))?.run).toEqual({
      runId: "r1",
      state: "success",
      startedAt: "2024-01-01T00:00:00.123Z",
      endedAt: "2024-01-01T00:00:00.000Z",
      selection: "+gold",
      host: "",
      pid: 0,
      owner: "",
      tasks: 2,
      error: "",
    });
  });

  test("a task shows its last attempt with counts, inputs, error, timings", async () => {
    await state.tasks.record(
      task(),
      task({ state: "up_for_retry", error: { code: "io", message: "disk 'full'", hint: "free some" } }),
      task({ attempt: 2 }),
    );
    await state.tasks.record(
      task({
        attempt: 2,
        state: "success",
        version: 41,
        counts,
        inputs: { "bronze.a": "7" },
        stepsMs: { stage: 12 },
        endedAt: clock(),
      }),
    );
    const detail = await runDetail(state, "r1");
    expect(detail?.tasks).toHaveLength(1);
    expect(detail?.tasks[0]).toMatchObject({
      attempt: 2,
      state: "success",
      version: 41,
      counts,
      inputs: { "bronze.a": "7" },
      stepsMs: { stage: 12 },
      error: undefined,
    });
    await state.tasks.record(
      task({
        taskId: "t2",
        runId: "r2",
        startedAt: new Date("2024-01-02T00:00:00Z"),
        state: "failed",
        error: { code: "io", message: "x" },
      }),
    );
    const other = await state.tasks.ofRun("r2");
    expect(other.map((row) => [row.taskId, row.state, row.version, row.error?.message])).toEqual([
      ["t2", "failed", undefined, "x"],
    ]);
  });

  test("check results come back whole, once", async () => {
    await state.checks.record({ runId: "r1", taskId: "t1" }, [check]);
    await state.checks.record({ runId: "r1", taskId: "t1" }, [check]);
    await state.checks.record({ runId: "r1", taskId: "t1" }, []);
    const detail = await runDetail(state, "r1");
    expect(detail?.checks).toHaveLength(1);
    expect(detail?.checks[0]).toMatchObject(check);
    expect(await state.checks.newest("silver.orders")).toEqual(detail?.checks);
    expect(await state.checks.newest("silver.none")).toEqual([]);
  });

  test("an unknown run is nothing", async () => {
    expect(await runDetail(state, "none")).toBeUndefined();
  });
});

describe("publications", () => {
  test("recording one twice shows it once, as it was first", async () => {
    await state.publications.record(
      publication({ inputs: { "bronze.a": "t/c@7" }, versionId: "t/d@1", supersededSources: ["it's.csv"] }),
    );
    now += 1000;
    await state.publications.record(publication({ version: 9 }));
    const found = await state.publications.list("silver.orders", 50);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({
      version: 1,
      counts,
      rows: 7,
      versionId: "t/d@1",
      inputs: { "bronze.a": "t/c@7" },
      supersededSources: ["it's.csv"],
    });
    expect(await state.publications.countsOf("r1", "silver.orders")).toEqual(counts);
    expect(await state.publications.countsOf("r2", "silver.orders")).toEqual({
      read: 0,
      published: 0,
      rejected: 0,
      deduplicated: 0,
    });
  });

  test("the last of each dataset, and the row counts for the volume check, newest first", async () => {
    for (let version = 2; version <= 5; version++) {
      now += 1000;
      await state.publications.record(publication({ version, taskId: `p${version}`, rows: version * 100 }));
    }
    await state.publications.record(publication({ dataset: "gold.x", taskId: "g", version: 3 }));
    const last = await state.publications.newest();
    expect([...last].map(([dataset, row]) => [dataset, row.version]).sort()).toEqual([
      ["gold.x", 3],
      ["silver.orders", 5],
    ]);
    const rows = async (dataset: string, limit: number) =>
      (await state.publications.list(dataset, limit)).map((row) => row.rows);
    expect(await rows("silver.orders", 3)).toEqual([500, 400, 300]);
    expect(await rows("silver.orders", 14)).toEqual([500, 400, 300, 200, 7]);
    expect(await rows("silver.none", 14)).toEqual([]);
  });
});
