import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  openQuarantine,
  type Quarantine,
  stageRejectedInputs,
  stageRejects,
} from "../../src/quality/quarantine.ts";
import { guardedSelect } from "../../src/quality/rules.ts";
import { openState, type State } from "../../src/state/state.ts";
import { embeddedForTests, type TestEngine } from "../engine/harness.ts";
import { model, textTable } from "./helpers.ts";

let t: TestEngine;
let state: State;
let quarantine: Quarantine;
let now = 0;
let tasks = 0;
let dataset = "";
const clock = () => new Date(Date.UTC(2024, 0, 1) + now);

beforeAll(async () => {
  t = await embeddedForTests();
  state = await openState(t.engine, clock);
  quarantine = openQuarantine(t.engine, clock);
});
afterAll(() => t.stop());
beforeEach(() => {
  dataset = `bronze.feed${++tasks}`;
});

/** Stages rejects `<file>:<line>` and publishes them as one task. */
async function take(
  refs: readonly string[],
  options: {
    readonly mode?: "full" | "increment";
    readonly superseded?: readonly string[];
    readonly publish?: boolean;
  } = {},
): Promise<string> {
  now += 1000;
  const taskId = `task${++tasks}`;
  await stageRejectedInputs(t.engine, {
    dataset,
    runId: `run${tasks}`,
    taskId,
    at: clock(),
    rejected: refs.map((sourceRef) => ({
      sourceRef,
      rule: "wrong_column_count",
      reason: "3 columns instead of 4",
      raw: `a,b,c of ${sourceRef}`,
    })),
  });
  if (options.publish !== false)
    await state.publications.record({
      dataset,
      version: tasks,
      taskId,
      runId: `run${tasks}`,
      mode: options.mode ?? "increment",
      supersededSources: options.superseded ?? [],
      counts: { read: refs.length, published: 0, rejected: refs.length, deduplicated: 0 },
    });
  await state.flush();
  return taskId;
}

async function statuses(): Promise<Record<string, string>> {
  const rows = await quarantine.list({ dataset });
  return Object.fromEntries(rows.map((row) => [row.source_ref, row.status]).sort());
}

describe("visibility", () => {
  test("rejects appear with their publication, not before", async () => {
    await take(["a.csv:1"], { publish: false });
    expect(await statuses()).toEqual({});
    await take(["a.csv:2"]);
    expect(await statuses()).toEqual({ "a.csv:2": "open" });
  });

  test("what a dead task staged is removed, what a living or published one staged is not", async () => {
    await take(["a.csv:1"]);
    const published = `run${tasks}`;
    await take(["a.csv:2"], { publish: false });
    const unpublished = `run${tasks}`;
    expect(await quarantine.removeUnpublished([])).toBe(0);
    expect(await quarantine.removeUnpublished([published, "other"])).toBe(0);
    expect(await quarantine.removeUnpublished([published, unpublished])).toBe(1);
    expect(await quarantine.removeUnpublished([published, unpublished])).toBe(0);
    expect(await statuses()).toEqual({ "a.csv:1": "open" });
  });

  test("a publication recorded twice changes nothing", async () => {
    const taskId = await take(["a.csv:1"]);
    now += 1000;
    await state.publications.record({
      dataset,
      version: tasks,
      taskId,
      runId: "again",
      mode: "full",
      counts: { read: 1, published: 0, rejected: 1, deduplicated: 0 },
    });
    await state.flush();
    const [row] = await quarantine.list({ dataset });
    expect([row?.status, row?.occurrences, row?.attempts]).toEqual(["open", 1, 1]);
  });
});

describe("what ends a reject", () => {
  test("increments add, a full publication supersedes", async () => {
    await take(["a.csv:1", "a.csv:2"]);
    await take(["b.csv:1"]);
    expect(await statuses()).toEqual({ "a.csv:1": "open", "a.csv:2": "open", "b.csv:1": "open" });
    await take(["a.csv:2"], { mode: "full" });
    expect(await statuses()).toEqual({ "a.csv:1": "replayed", "a.csv:2": "open", "b.csv:1": "replayed" });
    await take(["c.csv:1"]);
    expect((await statuses())["a.csv:2"]).toBe("open");
  });

  test("a corrected file closes its older rejects, and only its own", async () => {
    await take(["a.csv:1", "a.csv.gz:1", "a.csv:2"]);
    await take(["a.csv:2"], { superseded: ["a.csv"] });
    expect(await statuses()).toEqual({ "a.csv.gz:1": "open", "a.csv:1": "replayed", "a.csv:2": "open" });
    await take([], { superseded: ["a.csv"] });
    expect((await statuses())["a.csv:2"]).toBe("replayed");
  });

  test("a row that comes back broken is open again, under its id and first sighting", async () => {
    await take(["a.csv:1"], { mode: "full" });
    const [first] = await quarantine.list({ dataset });
    await take([], { mode: "full" });
    expect(await statuses()).toEqual({ "a.csv:1": "replayed" });
    await take(["a.csv:1"], { mode: "full" });
    const [again] = await quarantine.list({ dataset });
    expect(again).toMatchObject({
      id: first?.id,
      first_seen_at: first?.first_seen_at,
      attempts: 2,
      status: "open",
    });
    expect(again?.last_seen_at).not.toBe(first?.last_seen_at);
  });

  test("discarded stays discarded when it is rejected again", async () => {
    await take(["a.csv:1", "a.csv:2"]);
    const [row] = await quarantine.list({ dataset });
    expect(await quarantine.discard([row?.id ?? ""], "anna")).toBe(1);
    expect(await quarantine.discard([row?.id ?? ""], "anna")).toBe(0);
    await take(["a.csv:1", "a.csv:2"], { mode: "full" });
    expect((await quarantine.list({ dataset, status: "discarded" })).map((one) => one.id)).toEqual([row?.id]);
    expect(await quarantine.discard({ dataset }, "anna")).toBe(1);
    expect(Object.values(await statuses())).toEqual(["discarded", "discarded"]);
  });

  test("closeReplayed notes each end once", async () => {
    await take(["a.csv:1", "a.csv:2"]);
    await take(["a.csv:2"], { mode: "full" });
    expect(await quarantine.closeReplayed(dataset, tasks)).toBe(1);
    expect(await quarantine.closeReplayed(dataset, tasks)).toBe(0);
    expect(await statuses()).toEqual({ "a.csv:1": "replayed", "a.csv:2": "open" });
  });
});

describe("stageRejects", () => {
  test("writes the broken rows of a model with reason, source, key and raw", async () => {
    const table = await textTable(t.engine, [
      { id: "1", price: "10", at: "2024-01-01", _file: "a.csv", _row: "1" },
      { id: "1", price: "x", at: "2024-01-02", _file: "a.csv", _row: "2" },
      { id: "2", price: "y", at: "2024-01-02", _file: "a.csv", _row: "3" },
    ]);
    const orders = await model(t.engine, {
      sql: `SELECT * FROM ${table}`,
      types: { price: "Decimal(9, 2)" },
      key: ["id"],
      newestBy: ["at"],
    });
    const select = guardedSelect(orders) ?? "";
    const taskId = `task${++tasks}`;
    const written = await stageRejects(t.engine, {
      dataset,
      runId: "r",
      taskId,
      select,
      model: orders,
      at: clock(),
    });
    expect(written).toBe(2);
    const counts = { read: 3, published: 1, rejected: 2, deduplicated: 0 };
    await state.publications.record({ dataset, version: tasks, taskId, runId: "r", mode: "full", counts });
    await state.flush();
    const rows = [...(await quarantine.list({ dataset }))].sort((a, b) =>
      a.source_ref.localeCompare(b.source_ref),
    );
    expect(rows.map(({ rule, reason, source_ref, key }) => [rule, reason, source_ref, key])).toEqual([
      [
        "invalid_price",
        "price: 'x' is not a Decimal(9, 2); another version with this key is good",
        "a.csv:2",
        "id=1",
      ],
      ["invalid_price", "price: 'y' is not a Decimal(9, 2)", "a.csv:3", "id=2"],
    ]);
    expect(JSON.parse(rows[1]?.raw ?? "")).toEqual({
      id: "2",
      price: "y",
      at: "2024-01-02",
      _file: "a.csv",
      _row: "3",
    });
    expect(await quarantine.show(rows[0]?.id.slice(0, 12) ?? "")).toEqual([rows[0]]);
    expect(await quarantine.counts({ dataset })).toEqual([
      { dataset, rule: "invalid_price", status: "open", rejects: 2, oldest: rows[0]?.first_seen_at },
    ]);
  });

  test("bytes that are not UTF-8 stay exact", async () => {
    const table = await textTable(t.engine, [], ["price"]);
    await t.engine.command(`INSERT INTO ${table} SELECT unhex('C3FF')`);
    const orders = await model(t.engine, { sql: `SELECT * FROM ${table}`, types: { price: "Int32" } });
    const taskId = `task${++tasks}`;
    const select = guardedSelect(orders) ?? "";
    await stageRejects(t.engine, { dataset, runId: "r", taskId, select, model: orders, at: clock() });
    await stageRejectedInputs(t.engine, {
      dataset,
      runId: "r",
      taskId,
      rejected: [
        { sourceRef: "a:1", rule: "bad_encoding", reason: "no UTF-8", raw: "w/8=", rawEncoding: "base64" },
      ],
    });
    const counts = { read: 2, published: 0, rejected: 2, deduplicated: 0 };
    await state.publications.record({ dataset, version: tasks, taskId, runId: "r", mode: "full", counts });
    await state.flush();
    const rows = await quarantine.list({ dataset });
    expect(rows.map((row) => row.raw_encoding)).toEqual(["base64", "base64"]);
    const raws = rows.map((row) => Buffer.from(row.raw, "base64").toString("latin1")).sort();
    expect(raws).toEqual(['{"price":"\xc3\xff"}', "\xc3\xff"].sort());
  });
});

test("the same reject of two equal rows is one entry with two occurrences", async () => {
  await take(["a.csv:1", "a.csv:1"]);
  const rows = await quarantine.list({ dataset });
  expect(rows.map((row) => row.occurrences)).toEqual([2]);
});
