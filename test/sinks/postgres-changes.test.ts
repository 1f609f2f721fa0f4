/** Deliveries of what a version changes: equal to a fresh delivery whatever came before, and no more than needed. */
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Column, Engine } from "../../src/engine/engine.ts";
import { options as schema } from "../../src/sinks/postgres/options.ts";
import { postgresSink } from "../../src/sinks/postgres/sink.ts";
import type { Sink, SinkInput, SinkResult } from "../../src/sinks/sink.ts";
import { embeddedForTests, type TestEngine } from "../engine/harness.ts";
import { type TestPostgres, testPostgres } from "../postgres.ts";
import { cutting } from "./cutting.ts";

const postgres = await testPostgres();

interface Row {
  readonly id: number;
  readonly month: number | null;
  readonly name: string | null;
  readonly amount: string;
}
interface Version {
  readonly rows: readonly Row[];
  readonly more: boolean;
}

describe.skipIf(postgres === undefined)("changes in the postgres sink", () => {
  let test: TestEngine;
  let sink: Sink;
  /** Of downloads from the engine: "all" rows of a dataset, or those of a "change". */
  let read: string[] = [];
  const pg = postgres as TestPostgres;
  const rows = async (sql: string) => (await pg.client.query(sql)).rows as Record<string, unknown>[];
  const open = (url: string) =>
    postgresSink("reporting", schema.parse({ url, schema: "gold", retries: 0 }), { smallRows: 0 });

  beforeAll(async () => {
    test = await embeddedForTests();
    sink = open(pg.url);
    await test.engine.command("CREATE DATABASE s ENGINE = Atomic");
    await test.engine.command(
      "CREATE TABLE s.version (id UInt32, month Nullable(UInt8), name Nullable(String), amount Decimal(9, 2)) ENGINE = Memory",
    );
  });
  afterAll(async () => {
    await sink?.close();
    await test?.stop();
    await pg.stop();
  });

  function watched(): Engine {
    const { engine } = test;
    return {
      ...engine,
      download: (sql, format, options) => {
        if (!sql.includes("DISTINCT")) read.push(sql.includes("WHERE _new") ? "change" : "all");
        return engine.download(sql, format, options);
      },
    };
  }
  async function write(
    dataset: string,
    select: string,
    rest: Partial<SinkInput> = {},
    to = sink,
  ): Promise<SinkResult> {
    read = [];
    const described = await test.engine.rows<Column>(`DESCRIBE (${select})`);
    const columns = described.map(({ name, type }) => ({ name, type }));
    return to.write(
      { dataset, version: 1, from: `(${select})`, columns, key: ["id"], ...rest },
      {
        engine: watched(),
        spool: test.dir,
        projectDir: test.dir,
        signal: new AbortController().signal,
        warn: () => {},
      },
    );
  }
  const numbers = (n: number, name = "''") =>
    `SELECT toUInt32(number) AS id, ${name} AS name FROM numbers(${n})`;
  const memories = () =>
    test.engine.rows<{ name: string }>(
      "SELECT name FROM system.tables WHERE database = 'shoplake_delivered' ORDER BY name",
    );

  const aRow = fc.record({
    id: fc.integer({ min: 0, max: 9 }),
    month: fc.option(fc.integer({ min: 1, max: 3 })),
    name: fc.option(fc.constantFrom("", "a", "b\\\t\n", "é")),
    amount: fc.constantFrom("0.00", "1.50", "-1.50"),
  });
  const aVersion: fc.Arbitrary<Version> = fc.record({
    rows: fc.uniqueArray(aRow, { selector: ({ id }) => id, maxLength: 8 }),
    more: fc.boolean(),
  });
  const aHand = fc.constantFrom(
    undefined,
    undefined,
    "UPDATE gold.live SET name = 'by hand' WHERE id % 3 = 0",
    "DELETE FROM gold.live WHERE id % 2 = 0",
    "INSERT INTO gold.live (id, amount) VALUES (77, 0) ON CONFLICT DO NOTHING",
    "DELETE FROM gold.live WHERE id < 5; INSERT INTO gold.live (id, amount) SELECT id, 3 FROM generate_series(20, 22) id ON CONFLICT DO NOTHING",
    "TRUNCATE gold.live",
    "DROP TABLE gold.live",
    "engine: DROP DATABASE shoplake_delivered",
  );

  it("leave exactly the rows of the version, whatever came before and whatever was done by hand", async () => {
    const deliver = async ({ rows: given, more }: Version) => {
      await test.engine.command("TRUNCATE TABLE s.version");
      if (given.length > 0) await test.engine.insert("s.version", given);
      return write("gold.live", `SELECT *${more ? ", toNullable(name) AS more" : ""} FROM s.version`);
    };
    const byHand = async (hand: string) => {
      if (hand.startsWith("engine: ")) await test.engine.command(hand.slice(8));
      else await pg.client.query(hand);
    };
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(aVersion, aHand), { minLength: 3, maxLength: 6 }), async (steps) => {
        await pg.client.query("DROP SCHEMA IF EXISTS gold CASCADE");
        let before: Version | undefined;
        // What others changed is found when the dataset changes.
        let spoiled = false;
        for (const [version, hand] of steps) {
          const result = await deliver(version);
          if (before !== undefined && !spoiled) expect(result).toEqual(expected(before, version));
          if (!spoiled || before === undefined || !isSame(before, version)) {
            const { rows: held } = await pg.client.query(
              `SELECT id::int, month::int, name, amount${version.more ? ", more" : ""} FROM gold.live ORDER BY id`,
            );
            expect(held).toEqual(inOrder(version));
            spoiled = false;
          }
          before = version;
          if (hand !== undefined) await byHand(hand);
          if (hand?.startsWith("engine: ") === false) spoiled = true;
        }
      }),
      { numRuns: 20 },
    );
  }, 240_000);

  it("read and touch only the rows that differ", async () => {
    await write("gold.few", numbers(5000));
    expect(read).toEqual(["all"]);
    const xmins = "SELECT count(DISTINCT xmin::text)::int AS n, count(*)::int AS all FROM gold.few";
    expect(await write("gold.few", numbers(5001, "if(number = 7, 'x', '')"))).toEqual({
      inserted: 1,
      updated: 1,
      deleted: 0,
      unchanged: false,
    });
    expect(read).toEqual(["change"]);
    expect(await rows(xmins)).toEqual([{ n: 2, all: 5001 }]);
    expect(await write("gold.few", numbers(4990, "if(number = 7, 'x', '')"))).toMatchObject({
      updated: 0,
      deleted: 11,
    });
    expect(read).toEqual(["change"]);
    expect(await write("gold.few", numbers(4990, "if(number < 2000, 'y', '')"))).toMatchObject({
      updated: 2000,
    });
    expect(read).toEqual(["all"]);
    expect(await write("gold.few", numbers(4990, "if(number < 2000, 'y', '')"))).toMatchObject({
      unchanged: true,
    });
    expect(read).toEqual([]);
  });

  it("take a change of descriptions without a row", async () => {
    await write("gold.told", numbers(3), { description: "one" });
    expect(await write("gold.told", numbers(3), { description: "two" })).toEqual({
      inserted: 0,
      updated: 0,
      deleted: 0,
      unchanged: false,
    });
    expect(read).toEqual(["change"]);
    expect(await rows("SELECT obj_description('gold.told'::regclass) AS d")).toEqual([{ d: "two" }]);
  });

  it("compare all rows when the memory is cut short, and remember one version", async () => {
    await test.engine.command("DROP DATABASE IF EXISTS shoplake_delivered");
    await write("gold.cut", numbers(100));
    for (const { name } of await memories())
      await test.engine.command(`DELETE FROM shoplake_delivered.\`${name}\` WHERE id > 90`);
    await write("gold.cut", numbers(100, "toString(number % 9)"));
    expect(read).toEqual(["all"]);
    for (let n = 1; n < 5; n++) await write("gold.cut", numbers(100 + n, "toString(number % 9)"));
    expect(read).toEqual(["change"]);
    expect(await memories()).toHaveLength(1);
  });

  it("take over a table and a ledger of an older release", async () => {
    await write("gold.older", numbers(100));
    await pg.client.query(
      "ALTER TABLE gold._shoplake_versions DROP COLUMN origin, DROP COLUMN seal; UPDATE gold._shoplake_versions SET fingerprint = repeat('0', 64)",
    );
    expect(await write("gold.older", numbers(101))).toMatchObject({ inserted: 1, updated: 0 });
    expect(read).toEqual(["all"]);
    await write("gold.older", numbers(102));
    expect(read).toEqual(["change"]);
  });

  it("do not read a version whose identity stands there, unless columns or descriptions changed", async () => {
    const columns = [{ name: "id", type: "UInt32" }];
    await write("gold.known", numbers(3), { identity: "one" });
    const again = { from: "nowhere.nothing", identity: "one" };
    expect(await write("gold.known", numbers(3), again)).toMatchObject({ unchanged: true });
    await expect(write("gold.known", numbers(3), { ...again, columns })).rejects.toThrow(/nowhere/);
    await expect(write("gold.known", numbers(3), { ...again, description: "new" })).rejects.toThrow(
      /nowhere/,
    );
    await expect(write("gold.known", numbers(3), { ...again, identity: "two" })).rejects.toThrow(/nowhere/);
    expect(await write("gold.known", numbers(3), { identity: "two", version: 2 })).toMatchObject({
      unchanged: true,
    });
    expect(await write("gold.known", numbers(3), { ...again, identity: "two" })).toMatchObject({
      unchanged: true,
    });
  });

  it("refuse a second dataset in one table, and say how to hand it over", async () => {
    const config = { url: pg.url, schema: "gold", tables: { "gold.second": "first" }, retries: 0 };
    const to = postgresSink("reporting", schema.parse(config));
    await write("gold.first", numbers(2));
    const refused = await write("gold.second", numbers(3), {}, to).catch((error: unknown) => error);
    expect(refused).toMatchObject({
      code: "sink",
      message: "The table gold.first holds the dataset gold.first.",
      details: { where: "gold.second" },
    });
    expect(await rows("SELECT count(*)::int AS n FROM gold.first")).toEqual([{ n: 2 }]);
    const { hint } = (refused as { details: { hint: string } }).details;
    await pg.client.query(/UPDATE .*/.exec(hint)?.[0] ?? "");
    await write("gold.second", numbers(3), {}, to);
    expect(await rows("SELECT count(*)::int AS n FROM gold.first")).toEqual([{ n: 3 }]);
    await to.close();
  });

  it("refuse two rows of one key, also when they are equal", async () => {
    await write("gold.twice", numbers(100));
    for (const name of ["''", "'other'"])
      await expect(
        write("gold.twice", `${numbers(100)} UNION ALL SELECT toUInt32(5), ${name}`),
      ).rejects.toMatchObject({ code: "sink", message: /\(id\)=\(5\) is duplicated/ });
    expect(await rows("SELECT count(*)::int AS n FROM gold.twice")).toEqual([{ n: 100 }]);
  });

  it("work for keys of several columns and types, and compare all for keys that the engine cannot compare", async () => {
    const key = ["t", "d", "n", "u", "e"];
    const select = (n: number) =>
      `SELECT concat('k\\\\\\t', toString(number)) AS t, toDateTime64(number / 3, 6, 'Europe/Berlin') AS d, toDecimal64(number / 4, 2) AS n,
      toUUID('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11') AS u, CAST(number % 2, 'Enum8(\\'x\\' = 0, \\'y\\' = 1)') AS e, number = ${n} AS v FROM numbers(100)`;
    await write("gold.wide", select(1), { key });
    expect(await write("gold.wide", select(2), { key })).toMatchObject({ inserted: 0, updated: 2 });
    expect(read).toEqual(["change"]);
    const floats = (n: number) =>
      `SELECT if(number = 3, nan, number) AS id, number = ${n} AS v FROM numbers(9)`;
    await write("gold.float", floats(1));
    expect(await write("gold.float", floats(3))).toMatchObject({ inserted: 0, updated: 2 });
    expect(read).toEqual(["all"]);
  });

  it.each([
    ["Nullable(Int32)", "NULL", "0"],
    ["Nullable(String)", "NULL", "''"],
    ["LowCardinality(Nullable(String))", "NULL", "''"],
    ["Float64", "nan", "inf"],
    ["Nullable(Float64)", "NULL", "nan"],
    ["Decimal(18, 4)", "1.0001", "1.0002"],
    ["Array(Nullable(Int32))", "[NULL]", "[]"],
    ["Array(Nullable(Int32))", "[NULL, 1]", "[1, NULL]"],
    ["Array(Nullable(Int32))", "[0]", "[NULL]"],
    ["Array(Array(Int32))", "[[1], []]", "[[], [1]]"],
    ["Tuple(a Int32, b Nullable(Int32))", "(1, NULL)", "(1, 0)"],
    ["Map(String, Int32)", "map('a', 1)", "map('a', 2)"],
    ["DateTime64(6, 'UTC')", "'2024-01-01 00:00:00.000001'", "'2024-01-01 00:00:00.000002'"],
  ])("see that a %s goes from %s to %s", async (type, a, b) => {
    const select = (value: string) => `SELECT toUInt32(1) AS id, CAST(${value}, ${quote(type)}) AS v`;
    const dataset = `gold.seen_${Math.abs(hash(type + a + b))}`;
    await write(dataset, select(a));
    const before = await rows(`SELECT v::text AS v FROM ${dataset}`);
    expect(await write(dataset, select(b))).toMatchObject({ updated: 1, unchanged: false });
    expect(await rows(`SELECT v::text AS v FROM ${dataset}`)).not.toEqual(before);
  });

  it.each([
    ["Enum8('x' = 1)", "Enum8('y' = 1)"],
    ["Tuple(a UInt8)", "Tuple(b UInt8)"],
  ])("see that %s becomes %s", async (a, b) => {
    const dataset = `gold.typed_${Math.abs(hash(a))}`;
    const select = (type: string) =>
      `SELECT toUInt32(1) AS id, CAST(${type.startsWith("E") ? "1" : "tuple(1)"}, ${quote(type)}) AS v`;
    await write(dataset, select(a));
    await write(dataset, select(b));
    const [row] = await rows(`SELECT v::text AS v FROM ${dataset}`);
    expect(String(row?.["v"])).toMatch(/y|b/);
  });

  it("name the column whose text holds a NUL byte, in arrays too", async () => {
    await expect(
      write("gold.nul", "SELECT toUInt32(1) AS id, 'fine' AS a, ['x', char(0)] AS b"),
    ).rejects.toMatchObject({ message: /NUL byte/, details: { where: "gold.nul, column b" } });
  });

  it("end equal when the connection is lost after any statement, also where others refer to rows that go", async () => {
    await pg.client.query("DROP SCHEMA gold CASCADE");
    let left = Number.POSITIVE_INFINITY;
    const proxy = await cutting(pg.url, () => left-- > 0);
    const lossy = open(proxy.url);
    const ids = (list: string, name: string) =>
      `SELECT toUInt32(x) AS id, concat('${name}', x) AS name, toNullable(toUInt32(x) % 10) AS parent FROM (SELECT arrayJoin(splitByChar(' ', '${list}')) AS x)`;
    const parents = (list: string, name: string) =>
      write("gold.parents", ids(list, name), { referenced: ["id"] }, lossy);
    const references = [{ column: "parent", to: { dataset: "gold.parents", column: "id" } }];
    const children = (list: string) => write("gold.children", ids(list, ""), { references }, lossy);
    const held = async (table: string) =>
      (await rows(`SELECT name FROM gold.${table} ORDER BY id`)).map(({ name }) => name).join(" ");
    const states = [
      { parents: "1 2 3", name: "a", children: "11 12 21" },
      { parents: "1 3 4", name: "b", children: "11 13 14" },
    ] as const;
    let changes = 0;
    let statements = 0;
    for (let ended = false; !ended; ) {
      const state = states[++statements % 2] ?? states[0];
      left = statements;
      ended = await parents(state.parents, state.name).then(
        () => true,
        () => false,
      );
      left = Number.POSITIVE_INFINITY;
      await parents(state.parents, state.name);
      if (read.includes("change")) changes++;
      await children(state.children);
      expect(await held("parents")).toBe(state.parents.replace(/\d+/g, `${state.name}$&`));
      expect(await held("children")).toBe(state.children);
      expect(await rows("SELECT 1 FROM pg_constraint WHERE contype = 'f' AND convalidated")).toHaveLength(1);
    }
    expect(statements).toBeGreaterThan(40);
    expect(changes).toBeGreaterThan(20);
    await lossy.close();
    await proxy.stop();
  }, 240_000);
});

function inOrder({ rows, more }: Version): readonly object[] {
  return rows
    .toSorted((a, b) => a.id - b.id)
    .map(({ id, month, name, amount }) => ({ id, month, name, amount, ...(more && { more: name }) }));
}

function isSame(a: Version, b: Version): boolean {
  return a.more === b.more && JSON.stringify(inOrder(a)) === JSON.stringify(inOrder(b));
}

/** What a delivery reports that compares every row. */
function expected(before: Version, after: Version): SinkResult {
  const old = new Map(before.rows.map((row) => [row.id, row]));
  const kept = after.rows.filter(({ id }) => old.has(id));
  const differs = (row: Row) => {
    const was = old.get(row.id);
    const filled = after.more && !before.more && row.name !== null;
    return filled || was?.month !== row.month || was.name !== row.name || was.amount !== row.amount;
  };
  return {
    inserted: after.rows.length - kept.length,
    updated: kept.filter(differs).length,
    deleted: old.size - kept.length,
    unchanged: isSame(before, after),
  };
}

function quote(value: string): string {
  return `'${value.replace(/'/g, "\\'")}'`;
}

function hash(value: string): number {
  return [...value].reduce((sum, char) => (sum * 31 + (char.codePointAt(0) ?? 0)) | 0, 7);
}
