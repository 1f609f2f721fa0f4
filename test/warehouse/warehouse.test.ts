/** Gold tables: a reader sees whole versions at every statement of a publication, whoever publishes, however often. */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Engine } from "../../src/engine/engine.ts";
import type { StageRequest } from "../../src/warehouse/stage.ts";
import { versionIdOf, type WarehouseVersion } from "../../src/warehouse/version-record.ts";
import { openWarehouse, type WarehouseTable } from "../../src/warehouse/warehouse.ts";
import { embeddedForTests, type TestEngine } from "../engine/harness.ts";

let t: TestEngine;
let dataset = "";
let tables = 0;
beforeAll(async () => {
  t = await embeddedForTests();
});
afterAll(() => t.stop());
beforeEach(() => {
  dataset = `gold.t${++tables}`;
});

const columns = [
  { name: "month", type: "UInt8" },
  { name: "v", type: "UInt32" },
];
const all = { read: 2, published: 2, rejected: 0, deduplicated: 0 };

function version(number: number, more: Partial<WarehouseVersion> = {}): WarehouseVersion {
  return {
    version: number,
    taskId: `task${number}`,
    runId: "run",
    fingerprint: 1,
    inputs: { "silver.orders": number },
    publishedAt: "2024-01-01T00:00:00.000Z",
    mode: "full",
    ...more,
  };
}

/** Months 1 and 2, both with this value. */
function request(of: WarehouseVersion, value: number, more: Partial<StageRequest> = {}): StageRequest {
  return {
    version: of,
    base: of.version === 1 ? undefined : versionIdOf(version(of.version - 1)),
    select: `SELECT toUInt8(number + 1) AS month, toUInt32(${value}) AS v FROM numbers(2)`,
    columns,
    partitionBy: "month",
    orderBy: ["month"],
    replaces: "all",
    options: {},
    ...more,
  };
}

async function put(table: WarehouseTable, staged: StageRequest): Promise<void> {
  await table.publish(await table.stage(staged), all);
}

/** What a reader sees: "1:10 2:10", or the error. */
async function seen(): Promise<string> {
  const rows = await t.engine
    .rows<{ month: number; v: number }>(`SELECT month, v FROM ${dataset} ORDER BY month, v`)
    .catch((error: unknown) => [{ month: 0, v: String(error) }]);
  return rows.map(({ month, v }) => `${month}:${v}`).join(" ");
}

/** An engine that lets a reader look after each statement. */
function watched(looks: string[]): Engine {
  return {
    ...t.engine,
    async command(sql, options) {
      const summary = await t.engine.command(sql, options);
      looks.push(await seen());
      return summary;
    },
  };
}

async function staged(): Promise<readonly string[]> {
  const rows = await t.engine.rows<{ name: string }>(
    "SELECT name FROM system.tables WHERE database = 'staging' AND startsWith(name, {name:String})",
    { params: { name: `${dataset.slice(5)}@` } },
  );
  return rows.map(({ name }) => name);
}

test("after every statement of a publication a reader sees the old version or the new one, whole", async () => {
  await put((await openWarehouse(t.engine)).table(dataset), request(version(1), 10));
  const looks: string[] = [];
  const table = (await openWarehouse(watched(looks))).table(dataset);
  await put(table, request(version(2), 20));
  const partition = request(version(3, { mode: "increment" }), 30, {
    select: "SELECT toUInt8(2) AS month, toUInt32(30) AS v",
    replaces: { partitions: ["2"] },
  });
  await put(table, partition);
  expect([...new Set(looks)]).toEqual(["1:10 2:10", "1:20 2:20", "1:20 2:30"]);
  expect(await staged()).toEqual([]);
  expect(await (await openWarehouse(t.engine)).table(dataset).current()).toEqual(partition.version);
});

test("publishing the same task twice changes nothing", async () => {
  const table = (await openWarehouse(t.engine)).table(dataset);
  await put(table, request(version(1), 10));
  const second = await table.stage(request(version(2), 20));
  await table.publish(second, all);
  await expect(table.publish(second, all)).resolves.toBeUndefined();
  expect(await seen()).toBe("1:20 2:20");
  expect((await table.current())?.version).toBe(2);
});

test("who staged on an older version than is published does not publish", async () => {
  const [mine, theirs] = [await openWarehouse(t.engine), await openWarehouse(t.engine)];
  await put(mine.table(dataset), request(version(1), 10));
  const late = await mine.table(dataset).stage(request(version(2, { taskId: "mine" }), 30));
  await put(theirs.table(dataset), request(version(2, { taskId: "theirs" }), 20));
  await expect(mine.table(dataset).publish(late, all)).rejects.toMatchObject({
    code: "conflict",
    retryable: true,
  });
  expect(await seen()).toBe("1:20 2:20");
  await expect(mine.table(dataset).acknowledge(version(1))).rejects.toMatchObject({ code: "conflict" });
  expect((await mine.table(dataset).current())?.taskId).toBe("theirs");
});

test("who staged on another version of the same number, as a restored table has it, does not publish", async () => {
  const table = (await openWarehouse(t.engine)).table(dataset);
  await put(table, request(version(1), 10));
  const late = await table.stage(request(version(2), 30));
  await t.engine.command(`DROP TABLE ${dataset}`);
  const restored = (await openWarehouse(t.engine)).table(dataset);
  await put(restored, request(version(1, { taskId: "restored" }), 20));
  await expect(table.publish(late, all)).rejects.toMatchObject({ code: "conflict", retryable: true });
  expect(await seen()).toBe("1:20 2:20");
});

test("a stage that fails leaves nothing; what a dead task staged is dropped, other datasets' stays", async () => {
  const warehouse = await openWarehouse(t.engine);
  const table = warehouse.table(dataset);
  const failing = request(version(1), 10, { select: "SELECT throwIf(1, 'stop') AS month, 1 AS v" });
  await expect(table.stage(failing)).rejects.toThrow("stop");
  expect(await staged()).toEqual([]);
  await table.stage(request(version(1), 10));
  await warehouse.table(`${dataset}0`).stage(request(version(1), 10));
  const asked: string[] = [];
  const keeps = (answer: boolean) => async (taskId: string) => {
    asked.push(taskId);
    return answer;
  };
  expect(await warehouse.clean(dataset, keeps(true))).toBe(0);
  expect(await staged()).not.toEqual([]);
  expect(await warehouse.clean(dataset, keeps(false))).toBe(1);
  expect(new Set(asked)).toEqual(new Set([version(1).taskId]));
  expect(await staged()).toEqual([]);
  expect(await warehouse.clean(`${dataset}0`, keeps(false))).toBe(1);
});

test("what a version lost stands in its record", async () => {
  const table = (await openWarehouse(t.engine)).table(dataset);
  const counts = { read: 5, published: 2, rejected: 2, deduplicated: 1 };
  await table.publish(await table.stage(request(version(1), 10)), counts);
  const published = (await (await openWarehouse(t.engine)).versions()).get(dataset);
  expect(published).toEqual({ ...version(1), counts });
});
