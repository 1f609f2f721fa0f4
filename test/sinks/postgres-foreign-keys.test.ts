/** Foreign keys of target tables, in a real PostgreSQL: set once at the end, never in the way of a delivery. */
import pgModule from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Column } from "../../src/engine/engine.ts";
import { options as schema } from "../../src/sinks/postgres/options.ts";
import { postgresSink } from "../../src/sinks/postgres/sink.ts";
import type { Reference, Sink, SinkContext, SinkInput } from "../../src/sinks/sink.ts";
import { embeddedForTests, type TestEngine } from "../engine/harness.ts";
import { type TestPostgres, testPostgres } from "../postgres.ts";
import { cutting } from "./cutting.ts";

const postgres = await testPostgres();

describe.skipIf(postgres === undefined)("foreign keys in the postgres sink", () => {
  let engine: TestEngine;
  let sink: Sink;
  let warnings: string[] = [];
  const pg = postgres as TestPostgres;
  const rows = async (sql: string) => (await pg.client.query(sql)).rows as Record<string, unknown>[];

  const open = (url: string, tables: Readonly<Record<string, string>> = {}, smallRows = 0) =>
    postgresSink("reporting", schema.parse({ url, schema: "gold", retries: 0, tables }), { smallRows });

  beforeAll(async () => {
    engine = await embeddedForTests();
    sink = open(pg.url);
  });
  beforeEach(async () => {
    await pg.client.query("DROP SCHEMA IF EXISTS gold CASCADE");
    warnings = [];
  });
  afterAll(async () => {
    await sink?.close();
    await engine?.stop();
    await pg.stop();
  });

  const context = (): SinkContext => ({
    engine: engine.engine,
    spool: engine.dir,
    projectDir: engine.dir,
    signal: new AbortController().signal,
    warn: (message) => warnings.push(message),
  });

  const known = new Map<string, readonly Column[]>();
  async function write(dataset: string, select: string, rest: Partial<SinkInput> = {}, to = sink) {
    const described = known.get(select) ?? (await engine.engine.rows<Column>(`DESCRIBE (${select})`));
    known.set(select, described);
    const columns = described.map(({ name, type }) => ({ name, type }));
    return to.write({ dataset, version: 1, from: `(${select})`, columns, key: [], ...rest }, context());
  }

  const toCustomers: Reference = {
    column: "customer_id",
    to: { dataset: "gold.customers", column: "customer_id" },
  };
  /** The ids and names of customers, e.g. "1a 2b"; orders are "order:customer", 0 for none. */
  const customersOf = (list: string) =>
    `SELECT toUInt32(extract(x, '^[0-9]+')) AS customer_id, extract(x, '[a-z]+') AS name FROM (SELECT arrayJoin(splitByChar(' ', '${list}')) AS x) WHERE x != ''`;
  const ordersOf = (list: string) =>
    `SELECT toUInt32(splitByChar(':', x)[1]) AS order_id, nullIf(toUInt32(splitByChar(':', x)[2]), 0) AS customer_id FROM (SELECT arrayJoin(splitByChar(' ', '${list}')) AS x) WHERE x != ''`;
  const customers = (list: string, rest: Partial<SinkInput> = {}) =>
    write("gold.customers", customersOf(list), {
      key: ["customer_id"],
      referenced: ["customer_id"],
      ...rest,
    });
  const orders = (list: string, rest: Partial<SinkInput> = {}, to = sink) =>
    write("gold.orders", ordersOf(list), { key: ["order_id"], references: [toCustomers], ...rest }, to);

  const keys = async () =>
    (
      await rows(
        `SELECT conrelid::regclass || ' ' || pg_get_constraintdef(oid) AS def FROM pg_constraint WHERE contype = 'f' AND convalidated ORDER BY 1`,
      )
    ).map(({ def }) => def);
  const held = async () => ({
    customers: (await rows("SELECT customer_id || name AS x FROM gold.customers ORDER BY 1"))
      .map(({ x }) => x)
      .join(" "),
    orders: (
      await rows("SELECT order_id || ':' || coalesce(customer_id, 0) AS x FROM gold.orders ORDER BY 1")
    )
      .map(({ x }) => x)
      .join(" "),
  });
  const ordersToCustomers = "gold.orders FOREIGN KEY (customer_id) REFERENCES gold.customers(customer_id)";

  it("sets a foreign key that PostgreSQL enforces, and lets NULL through", async () => {
    await customers("1a 2b");
    await orders("10:1 11:0");
    expect(await keys()).toEqual([ordersToCustomers]);
    expect(warnings).toEqual([]);
    await expect(pg.client.query("INSERT INTO gold.orders VALUES (12, 3)")).rejects.toMatchObject({
      code: "23503",
    });
  });

  it("sets it with the first delivery that finds both tables, also when nothing else has changed", async () => {
    await orders("10:1");
    expect(await keys()).toEqual([]);
    await customers("1a");
    expect(await orders("10:1")).toMatchObject({ unchanged: true });
    expect(await keys()).toEqual([ordersToCustomers]);
  });

  it("adds one to tables that stand there, and takes one away, as the project says", async () => {
    await customers("1a 2b");
    await orders("10:1", { references: [] });
    expect(await keys()).toEqual([]);
    expect(await orders("10:1")).toMatchObject({ unchanged: true });
    expect(await keys()).toEqual([ordersToCustomers]);
    await orders("10:1 11:9", { references: [] });
    expect(await keys()).toEqual([]);
    expect(await held()).toMatchObject({ orders: "10:1 11:9" });
    await orders("10:1", {});
    await orders("10:1", { references: [] });
    expect(await keys()).toEqual([]);
    expect(warnings).toEqual([]);
  });

  it("lets rows go away that others refer to, and is set again by the delivery of those", async () => {
    await customers("1a 2b 3c");
    await orders("10:1 11:2");
    await customers("1a 3c");
    expect(await keys()).toEqual([]);
    await orders("10:1 12:3");
    expect(await held()).toEqual({ customers: "1a 3c", orders: "10:1 12:3" });
    expect(await keys()).toEqual([ordersToCustomers]);
    await customers("1x 3c 4d");
    expect(await keys()).toEqual([ordersToCustomers]);
    // Nobody refers to 4, but PostgreSQL would read all orders to find that out, once for each row that goes.
    await customers("1x 3c");
    expect(await keys()).toEqual([]);
    await orders("10:1 12:3");
    expect(await keys()).toEqual([ordersToCustomers]);
    expect(warnings).toEqual([]);
  });

  it("delivers rows that refer to nothing, with a warning, until they are gone", async () => {
    await customers("1a 2b");
    await orders("10:1 11:2");
    await customers("1a");
    expect(await orders("10:1 11:2")).toMatchObject({ unchanged: true });
    expect(warnings).toEqual([
      expect.stringMatching(
        /^"gold"\."orders": no foreign key from customer_id to "gold"\."customers"\.customer_id: .*Key \(customer_id\)=\(2\) is not present/,
      ),
    ]);
    warnings = [];
    await orders("10:1 11:2 12:1");
    expect(warnings).toHaveLength(1);
    expect(await held()).toEqual({ customers: "1a", orders: "10:1 11:2 12:1" });
    await orders("10:1 12:1");
    expect(await keys()).toEqual([ordersToCustomers]);
  });

  it("delivers rows that came before what they refer to: the foreign key gives way", async () => {
    await customers("1a");
    await orders("10:1");
    expect(await orders("10:1 11:2")).toMatchObject({ inserted: 1 });
    expect(warnings).toHaveLength(1);
    await customers("1a 2b");
    await orders("10:1 11:2");
    expect(await keys()).toEqual([ordersToCustomers]);
  });

  it("does without keys in either dataset: all rows are replaced", async () => {
    const noKey = { key: [] as string[] };
    await customers("1a 2b", noKey);
    await orders("10:1 11:2", noKey);
    expect(await keys()).toEqual([ordersToCustomers]);
    await customers("1x 2b 3c", noKey);
    await orders("10:1 12:3", noKey);
    expect(await held()).toEqual({ customers: "1x 2b 3c", orders: "10:1 12:3" });
    expect(await keys()).toEqual([ordersToCustomers]);
    expect(warnings).toEqual([]);
  });

  const byName: Reference = { column: "name", to: { dataset: "gold.customers", column: "name" } };
  const visits = (list: string, rest: Partial<SinkInput> = {}) =>
    write("gold.visits", `SELECT name FROM (${customersOf(list)})`, { references: [byName], ...rest });

  it("refers to a column that is unique without being the key, also while values change places", async () => {
    await customers("1a 2b", { referenced: ["name"] });
    await visits("1a 1a 1b");
    expect(await keys()).toEqual(["gold.visits FOREIGN KEY (name) REFERENCES gold.customers(name)"]);
    await customers("1b 2a 3c", { referenced: ["name"] });
    await visits("1a 1c");
    expect(await keys()).toEqual(["gold.visits FOREIGN KEY (name) REFERENCES gold.customers(name)"]);
    expect(warnings).toEqual([]);
    await customers("1b 2b", { referenced: [] });
    await visits("1b", { references: [] });
    expect(await held().catch(() => undefined)).toBeUndefined();
    expect(await rows("SELECT name FROM gold.customers")).toEqual([{ name: "b" }, { name: "b" }]);
    expect(await rows("SELECT indexname FROM pg_indexes WHERE indexname LIKE 'shoplake%'")).toEqual([]);
  });

  it("survives a change of the key and of the types on both sides", async () => {
    await customers("1a 2b");
    await orders("10:1 11:2");
    await customers("1a 2b", { key: ["customer_id", "name"] });
    await orders("10:1 11:2");
    expect(warnings).toEqual([]);
    expect(await keys()).toEqual([ordersToCustomers]);
    const wide = (select: string) =>
      `SELECT * REPLACE (toInt64(customer_id) AS customer_id) FROM (${select})`;
    await write("gold.customers", wide(customersOf("1a")), {
      key: ["customer_id"],
      referenced: ["customer_id"],
    });
    await write("gold.orders", wide(ordersOf("10:1")), { key: ["order_id"], references: [toCustomers] });
    expect(await keys()).toEqual([ordersToCustomers]);
    const text = `SELECT toString(customer_id) AS customer_id FROM (${customersOf("1a")})`;
    await write("gold.customers", text, { key: ["customer_id"], referenced: ["customer_id"] });
    await write("gold.orders", wide(ordersOf("10:1")), { key: ["order_id"], references: [toCustomers] });
    expect(warnings.at(-1)).toMatch(/no foreign key from customer_id .*cannot be implemented/);
  });

  it("follows tables that get another name", async () => {
    const renamed = open(pg.url, { "gold.customers": "Käufer", "gold.orders": "Bestellungen" });
    await customers("1a 2b");
    await orders("10:1");
    await write(
      "gold.customers",
      customersOf("1a"),
      { key: ["customer_id"], referenced: ["customer_id"] },
      renamed,
    );
    await orders("10:1", {}, renamed);
    await orders("10:1");
    expect((await keys()).sort()).toEqual(
      [
        'gold."Bestellungen" FOREIGN KEY (customer_id) REFERENCES gold."Käufer"(customer_id)',
        ordersToCustomers,
      ].sort(),
    );
    const moved = open(pg.url, { "gold.customers": "Käufer" });
    await orders("10:1", {}, moved);
    expect(await keys()).toContain(
      'gold.orders FOREIGN KEY (customer_id) REFERENCES gold."Käufer"(customer_id)',
    );
    expect(await keys()).not.toContain(ordersToCustomers);
    await moved.close();
    await renamed.close();
  });

  it("keeps names apart that PostgreSQL would cut", async () => {
    const long = "c".repeat(60);
    const column = (name: string): Reference => ({
      column: name,
      to: { dataset: "gold.customers", column: "customer_id" },
    });
    await customers("1a");
    await write("gold.long", `SELECT toUInt32(1) AS ${long}1, toUInt32(1) AS ${long}2`, {
      references: [column(`${long}1`), column(`${long}2`)],
    });
    expect(await keys()).toHaveLength(2);
    expect(warnings).toEqual([]);
  });

  it("lets a dataset refer to itself", async () => {
    const tree = (list: string) =>
      write("gold.tree", `SELECT order_id AS id, customer_id AS parent FROM (${ordersOf(list)})`, {
        key: ["id"],
        references: [{ column: "parent", to: { dataset: "gold.tree", column: "id" } }],
        referenced: ["id"],
      });
    const own = "gold.tree FOREIGN KEY (parent) REFERENCES gold.tree(id)";
    await tree("1:2 2:3 3:0");
    expect(await keys()).toEqual([own]);
    await tree("1:4 3:0 4:3");
    expect(await keys()).toEqual([own]);
    expect(warnings).toEqual([]);
  });

  it("leaves foreign keys of others, and tables of others, as they are", async () => {
    await customers("1a 2b");
    await orders("10:1");
    await pg.client.query(
      "CREATE TABLE gold.mine (customer_id bigint REFERENCES gold.customers); INSERT INTO gold.mine VALUES (2); CREATE TABLE gold.theirs (id bigint)",
    );
    await expect(customers("1a")).rejects.toMatchObject({ code: "sink", message: /mine_customer_id_fkey/ });
    expect(await held()).toEqual({ customers: "1a 2b", orders: "10:1" });
    await orders("10:1");
    const reference = { column: "id", to: toCustomers.to };
    await write("gold.theirs", "SELECT toUInt32(1) AS id", { references: [reference] });
    expect(await keys()).toHaveLength(2);
  });

  it("checks a large load once, not row by row", async () => {
    const many = (n: number) =>
      `SELECT toUInt32(number) AS order_id, toNullable(toUInt32(number % 2 + 1)) AS customer_id FROM numbers(${n})`;
    const load = (n: number, key: string[]) =>
      write("gold.orders", many(n), { key, references: [toCustomers] });
    await customers("1a 2b");
    await load(1, ["order_id"]);
    await pg.client.query(
      "CREATE FUNCTION gold.set_keys() RETURNS bigint LANGUAGE sql AS $$ SELECT count(*) FROM pg_trigger WHERE tgrelid = 'gold.orders'::regclass $$",
    );
    const watcher = new pgModule.Client({ connectionString: pg.url });
    await watcher.connect();
    const seen = new Set<string>();
    let done = false;
    const watching = (async () => {
      while (!done)
        for (const { n } of (await watcher.query("SELECT gold.set_keys() AS n")).rows) seen.add(String(n));
    })();
    await load(150_000, ["order_id"]);
    expect([...seen].sort()).toEqual(["0", "2"]);
    seen.clear();
    await load(150_100, ["order_id"]);
    expect([...seen]).toEqual(["2"]);
    done = true;
    await watching;
    await watcher.end();
    expect(await keys()).toEqual([ordersToCustomers]);
  });

  it("ends equal when the connection is lost after any statement", async () => {
    let left = Number.POSITIVE_INFINITY;
    const proxy = await cutting(pg.url, () => left-- > 0);
    const lossy = open(proxy.url, {}, 100);
    const customersTo = (list: string) => (to: Sink) =>
      write("gold.customers", customersOf(list), { key: ["customer_id"], referenced: ["customer_id"] }, to);
    const ordersTo = (list: string) => (to: Sink) => orders(list, { key: [] }, to);
    /** Each delivery takes rows away that the other table refers to; the next one brings them back. */
    const states = [
      { customers: "1a 2b 3c", orders: "10:1 11:2" },
      { customers: "1x 3c 4d", orders: "10:1 12:4" },
    ] as const;
    const cutAfter = async (statements: number, table: "customers" | "orders") => {
      const state = states[statements % 2] ?? states[0];
      left = statements;
      const cut = table === "customers" ? customersTo(state.customers) : ordersTo(state.orders);
      const ended = await cut(lossy).then(
        () => true,
        () => false,
      );
      left = Number.POSITIVE_INFINITY;
      await customersTo(state.customers)(sink);
      await ordersTo(state.orders)(sink);
      expect(await held()).toEqual(state);
      expect(await keys()).toEqual([ordersToCustomers]);
      return ended;
    };
    for (const table of ["customers", "orders"] as const) {
      let statements = 1;
      while (!(await cutAfter(statements, table))) statements++;
      expect(statements).toBeGreaterThan(20);
    }
    await lossy.close();
    await proxy.stop();
  }, 240_000);
});
