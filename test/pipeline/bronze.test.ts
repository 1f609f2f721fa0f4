/** How extracts enter a bronze table, told by a source that yields just what a test wants. */
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { LakeTable } from "../../src/lake/lake.ts";
import { runBronzeTask } from "../../src/pipeline/bronze/task.ts";
import type { OpenProject, TaskContext } from "../../src/pipeline/context.ts";
import { openJournal } from "../../src/pipeline/journal.ts";
import type { TaskOutcome } from "../../src/pipeline/outcome.ts";
import { openPins } from "../../src/pipeline/plan/pins.ts";
import { syncViews } from "../../src/pipeline/target/views.ts";
import type { Extract, Source } from "../../src/sources/source.ts";
import { createBus } from "../../src/telemetry/bus.ts";
import { ShoplakeError } from "../../src/util/errors.ts";
import { dataFiles } from "./leftovers.ts";
import { openShop, shopFiles, type TestShop } from "./shop.ts";

let shop: TestShop;
let table = "";
let tables = 0;
beforeAll(async () => {
  shop = await openShop({ ...shopFiles, "orders/o1.csv": "", "products/p1.csv": "" });
  await syncViews(shop.project.host, []);
});
afterAll(() => shop.stop());
beforeEach(() => {
  table = `t${++tables}`;
});

const columns = [
  { name: "id", type: "UInt32" },
  { name: "name", type: "Nullable(String)" },
];

/** Rows like "1, 'a'". */
function extract(rows: readonly string[], more: Partial<Extract> = {}): Extract {
  const values = rows.map((row) => `(${row})`).join(", ");
  return {
    label: "rows",
    from: `(SELECT * FROM values('id UInt32, name Nullable(String)', ${values}))`,
    columns,
    write: { mode: "append" },
    positions: {},
    rows: rows.length,
    rejected: [],
    dispose: async () => {},
    ...more,
  };
}

async function take(one: Extract, more: Partial<TaskContext> = {}): Promise<TaskOutcome> {
  const { project } = shop;
  const source: Source = {
    kind: "scripted",
    schemaPolicy: "evolve",
    probe: async () => ({ notes: [] }),
    tables: async () => [],
    read: async function* () {
      yield one;
    },
    close: async () => {},
  };
  const task: TaskContext = {
    ...project,
    runId: "run",
    taskId: project.host.newId(),
    dataset: `bronze.${table}`,
    fullRefresh: false,
    interval: undefined,
    pins: openPins(project.host.engine, project.host.newId()),
    fence: async () => undefined,
    spool: join(shop.dir, ".shoplake/spool", table),
    signal: new AbortController().signal,
    journal: openJournal({
      events: createBus({ runId: "run", clock: project.host.clock }),
      clock: project.host.clock,
      taskId: "task",
      dataset: `bronze.${table}`,
    }),
    ...more,
  };
  return runBronzeTask(task, { source, table: { name: table, key: [], columns }, sourceName: "scripted" });
}

/** The shop's project, and the moment when an extract is staged. */
function watchedLake(): { readonly project: OpenProject; readonly hasRead: Promise<void> } {
  let told = (): void => {};
  const hasRead = new Promise<void>((resolve) => {
    told = resolve;
  });
  const { host, catalogue } = shop.project;
  const { lake } = host;
  const watched = (dataset: string): LakeTable => {
    const real = lake.table(dataset);
    return { ...real, stage: (input) => real.stage(input).finally(told) };
  };
  return { project: { catalogue, host: { ...host, lake: { ...lake, table: watched } } }, hasRead };
}

async function rows(): Promise<string> {
  const found = await shop.project.host.engine.rows<{ row: string }>(
    `SELECT concat(id, ifNull(name, '-')) AS row FROM bronze.${table} ORDER BY row`,
  );
  return found.map(({ row }) => row).join(" ");
}

describe("what is read a second time", () => {
  it("is dropped where a cursor's window overlaps, NULLs included; changed rows come in", async () => {
    await take(extract(["1, 'a'", "2, 'b'", "3, NULL"]));
    const again = extract(["2, 'b'", "3, NULL", "3, 'c'"], {
      write: { mode: "append_new", where: "id >= 2" },
    });
    expect((await take(again)).counts).toEqual({ read: 3, published: 1, rejected: 0, deduplicated: 2 });
    expect(await rows()).toBe("1a 2b 3- 3c");
  });

  it("is a new row when only a column changed whose name begins with _", async () => {
    const scored = (score: number): Extract => ({
      ...extract([]),
      from: `(SELECT toUInt32(1) AS id, CAST('a', 'Nullable(String)') AS name, toInt32(${score}) AS _score)`,
      columns: [...columns, { name: "_score", type: "Int32" }],
      write: { mode: "append_new", where: "id >= 1" },
      rows: 1,
    });
    await take(scored(5));
    expect((await take(scored(5))).counts).toMatchObject({ published: 0, deduplicated: 1 });
    expect((await take(scored(6))).counts).toMatchObject({ published: 1, deduplicated: 0 });
  });

  it("is no new version when a whole table holds the same rows", async () => {
    const whole = (...some: string[]) => extract(some, { write: { mode: "overwrite" } });
    const first = await take(whole("1, 'a'", "2, 'b'"));
    const same = await take(whole("2, 'b'", "1, 'a'"));
    expect(same.version).toBe(first.version);
    expect(same.counts).toEqual({ read: 2, published: 0, rejected: 0, deduplicated: 2 });
    await take(whole("2, 'b'"));
    expect(await rows()).toBe("2b");
  });

  it("takes the place of the file's earlier rows, and of no other's", async () => {
    const from = (file: string, ids: readonly number[], more: Partial<Extract> = {}): Extract => ({
      ...extract([]),
      from: `(SELECT toUInt32(arrayJoin([${ids.join(", ")}])) AS id, CAST('x', 'Nullable(String)') AS name, '${file}' AS _file)`,
      columns: [...columns, { name: "_file", type: "String" }],
      rows: ids.length,
      ...more,
    });
    const both = `(SELECT * FROM ${from("a.csv", [1, 2]).from} UNION ALL SELECT * FROM ${from("b.csv", [3]).from})`;
    await take(from("a.csv", [], { from: both, rows: 3 }));
    const corrected = from("a.csv", [2, 4], { write: { mode: "replace_files", files: ["a.csv"] } });
    expect((await take(corrected)).counts).toMatchObject({ read: 2, published: 2 });
    expect(await rows()).toBe("2x 3x 4x");
  });
});

describe("a task that must not publish", () => {
  beforeEach(async () => {
    await take(extract(["1, 'a'"]));
  });
  afterEach(async () => {
    expect(await rows()).toBe("1a");
  });

  it("because its source broke while the engine had read all there was", async () => {
    const before = await dataFiles(shop.dir);
    const { project, hasRead } = watchedLake();
    const broken = extract(["2, 'b'"], {
      async pump() {
        await hasRead;
        throw new ShoplakeError("source", "the server went away", { retryable: true });
      },
    });
    await expect(take(broken, project)).rejects.toThrow("the server went away");
    expect(await dataFiles(shop.dir)).toEqual(before);
  });

  it("because another process has its lease now", async () => {
    const before = await dataFiles(shop.dir);
    const lost = new ShoplakeError("conflict", "the lease was taken over");
    await expect(take(extract(["2, 'b'"]), { fence: () => Promise.reject(lost) })).rejects.toThrow(
      "taken over",
    );
    expect(await dataFiles(shop.dir)).toEqual(before);
  });
});

it("counts rejected input as read, and shows it once the rows are published", async () => {
  const rejected = [{ sourceRef: "a.csv:2", rule: "wrong_column_count", reason: "one too few", raw: "x" }];
  const outcome = await take(extract(["1, 'a'"], { rejected }));
  expect(outcome.counts).toEqual({ read: 2, published: 1, rejected: 1, deduplicated: 0 });
  await shop.project.host.state.flush();
  expect(
    await shop.project.host.engine.rows(
      `SELECT source_ref, status FROM ops.quarantine WHERE dataset = 'bronze.${table}'`,
    ),
  ).toEqual([{ source_ref: "a.csv:2", status: "open" }]);
});

describe("what is decided once", () => {
  it("is a property of the table: later extracts that say nothing leave it, a whole new copy too", async () => {
    const lakeTable = shop.project.host.lake.table(`bronze.${table}`);
    await take(extract(["1, 'a'"], { properties: { "shoplake.names": "x" } }));
    await take(extract(["2, 'b'"]));
    await take(extract(["3, 'c'"], { write: { mode: "overwrite" } }));
    await lakeTable.checkpoint();
    expect((await lakeTable.snapshot())?.configuration).toMatchObject({ "shoplake.names": "x" });
    expect((await lakeTable.snapshot(0))?.configuration).toMatchObject({ "shoplake.names": "x" });
  });
});
