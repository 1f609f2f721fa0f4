/** PostgreSQL as a source that crashes, loses tables, changes them, is slow; two runs at once; secrets. */
import { join } from "node:path";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openEngine } from "../../src/engine/open.ts";
import { TEST_ENGINE } from "../engine/harness.ts";
import { type TestPostgres, testPostgres } from "../postgres.ts";
import {
  expectReconciled,
  type FaultShop,
  failures,
  faultShop,
  outcomes,
  reported,
  versions,
} from "./fault-shop.ts";
import { type Gate, gateTo } from "./gate.ts";

const long = 300_000;
const password = "pl4nted-s3cret";
const project = {
  "shoplake.config.ts": `import { defineProject, env, postgres } from "shoplake";
export default defineProject({
  name: "faults",
  engine: { memoryBytes: 1_000_000_000, threads: 2, slots: 4 },
  retries: { attempts: 4, delayMs: 500 },
  sources: {
    shop: postgres({ url: env("SHOP_URL"), retries: 1, tables: {
      orders: { key: "id", cursor: "id" },
      customers: { key: "id" },
    } }),
  },
});
`,
  "inbox/2026-01-01.csv": undefined,
  "inbox/2026-01-02.csv": undefined,
  "models/silver/orders.sql":
    "/*\ndescription: x\nkey: id\nnewest_by: _ingested_at\ncolumns: { total: { checks: [not_null] } }\n*/\nSELECT id, customer_id, total, _ingested_at FROM bronze.shop_orders",
  "models/gold/daily_sales.sql":
    "/*\ndescription: x\n*/\nSELECT count() AS orders, sum(total) AS revenue FROM silver.orders",
  "queries/kpi/revenue.sql": undefined,
  "tests/daily_sales.yaml": undefined,
};

const server = await testPostgres();

describe.skipIf(server === undefined)("PostgreSQL", () => {
  const pg = server as TestPostgres;
  let gate: Gate;
  let shop: FaultShop;
  let rows = 0;
  const sql = async (text: string): Promise<void> => {
    const client = new Client({ connectionString: pg.url });
    await client.connect();
    await client.query(text).finally(() => client.end());
  };
  const addOrders = async (count: number): Promise<void> => {
    await sql(
      `INSERT INTO orders SELECT n, n % 100, 1, repeat('x', 100) FROM generate_series(${rows + 1}, ${rows + count}) AS n`,
    );
    rows += count;
  };
  /** Each order is in gold once; in bronze, too, until changed columns made it a new version of itself. */
  const expectAllOrders = async (columns: "as before" | "changed" = "as before"): Promise<void> => {
    const expected = { doubled: 0, ids: String(rows), orders: String(rows), revenue: `${rows}.00` };
    expect(
      await shop.query(
        `SELECT ${columns === "changed" ? "0" : "toUInt32(count() - uniqExact(id))"} AS doubled, uniqExact(id) AS ids, any(g.orders) AS orders, any(g.revenue) AS revenue FROM bronze.shop_orders CROSS JOIN gold.daily_sales AS g`,
      ),
    ).toEqual([expected]);
  };

  beforeAll(async () => {
    await sql("CREATE TABLE customers (id int PRIMARY KEY, name text)");
    await sql("INSERT INTO customers SELECT n, 'c' || n FROM generate_series(1, 100) AS n");
    await sql("CREATE TABLE orders (id int PRIMARY KEY, customer_id int, total numeric(12, 2), note text)");
    await sql(`CREATE ROLE shopper LOGIN SUPERUSER PASSWORD '${password}'`);
    await addOrders(100_000);
    const url = new URL(pg.url);
    gate = await gateTo(Number(url.port));
    url.port = String(gate.port);
    url.username = "shopper";
    url.password = password;
    shop = faultShop(project, { SHOP_URL: url.href });
  }, long);
  afterAll(async () => {
    shop?.stop();
    await gate?.stop();
    await pg?.stop();
  });

  it.skipIf(server?.crash === undefined)(
    "crashes in the middle and stays away: a clear error, nothing partial; the next run continues",
    async () => {
      const reached = gate.closeAfter(3_000_000);
      const run = shop.start("run", "--json");
      await reached;
      const restart = await pg.crash?.();
      gate.open();
      const ran = reported(await run.ended);
      await restart?.();
      expect(ran.code).toBe(1);
      expect(ran.task("bronze.shop_orders").state).toMatch(/^(failed|upstream_failed)$/);
      const told = ran.report.tasks.filter(({ state }) => state === "failed");
      expect(told).toHaveLength(1);
      const [{ error } = {}] = told;
      expect(error?.code).toBe("source");
      expect(error?.message).toMatch(/PostgreSQL/);
      expect(error?.where).toMatch(/127\.0\.0\.1|orders/);
      expect(outcomes(ran)["gold.daily_sales"]).toContain("upstream_failed");
      expect((await shop.cli("show", "bronze.shop_orders")).code).toBe(1);
      const next = await shop.run();
      expect(next.code).toBe(0);
      expectReconciled(next);
      await expectAllOrders();
    },
    long,
  );

  it.skipIf(server?.crash === undefined)(
    "crashes in the middle and comes back: the run tries again, nothing is doubled",
    async () => {
      await addOrders(100_000);
      const reached = gate.closeAfter(3_000_000);
      const run = shop.start("run", "--json");
      await reached;
      const restart = await pg.crash?.();
      gate.open();
      await restart?.();
      const ran = reported(await run.ended);
      expect(ran.code).toBe(0);
      expect(ran.task("bronze.shop_orders").attempt).toBeGreaterThan(1);
      await expectAllOrders();
    },
    long,
  );

  it(
    "a table is gone: its dataset fails by name and keeps its last version, the others go on",
    async () => {
      const before = await shop.query("SELECT count() AS n FROM bronze.shop_customers");
      await sql("ALTER TABLE customers RENAME TO clients");
      await addOrders(10);
      const ran = await shop.run();
      expect(ran.code).toBe(1);
      expect(outcomes(ran)).toMatchObject({
        "bronze.shop_customers": expect.stringContaining("failed"),
        "gold.daily_sales": expect.stringContaining("success"),
      });
      const { error } = ran.task("bronze.shop_customers");
      expect([error?.code, `${error?.message} ${error?.where}`]).toEqual([
        "source",
        expect.stringContaining("customers"),
      ]);
      expect(await shop.query("SELECT count() AS n FROM bronze.shop_customers")).toEqual(before);
      await expectAllOrders();
      await sql("ALTER TABLE clients RENAME TO customers");
      expect((await shop.run()).code).toBe(0);
    },
    long,
  );

  it(
    "the same run twice at once: the second waits, naming the other; nothing is doubled",
    async () => {
      const quiet = await shop.run();
      expect(failures(quiet)).toEqual([]);
      const before = versions(quiet);
      await addOrders(100_000);
      const reached = gate.closeAfter(3_000_000);
      const first = shop.start("run", "--json");
      await reached;
      const second = shop.start("run", "--json");
      await second.says(
        new RegExp(`lease of bronze\\.shop_orders, held by pid ${first.pid} on .*, started 2\\d{3}-`),
      );
      gate.open();
      const [one, two] = [reported(await first.ended), reported(await second.ended)];
      expect([failures(one), failures(two)]).toEqual([[], []]);
      await expectAllOrders();
      const [published] = [one, two].map((ran) => ran.task("bronze.shop_orders").counts.published);
      expect(published).toBe(100_000);
      expect(versions(two)).toEqual(versions(one));
      expect(versions(one)["bronze.shop_orders"]).toBe(Number(before["bronze.shop_orders"]) + 1);
    },
    long,
  );

  it(
    "columns are added, dropped and retyped between two runs",
    async () => {
      await sql("ALTER TABLE customers ADD COLUMN city text, ALTER COLUMN id TYPE bigint");
      await sql("INSERT INTO customers VALUES (9000000000, 'far', 'Kiel')");
      await sql("ALTER TABLE orders ADD COLUMN channel text DEFAULT 'web'");
      await addOrdersWith("channel");
      const ran = await shop.run();
      expect(failures(ran)).toEqual([]);
      expect(await shop.query("SELECT id, name, city FROM bronze.shop_customers WHERE id > 100")).toEqual([
        { id: "9000000000", name: "far", city: "Kiel" },
      ]);
      expect(
        await shop.query(
          `SELECT count() AS n FROM bronze.shop_orders WHERE channel IS NOT NULL AND id > ${rows - 1}`,
        ),
      ).toEqual([{ n: "1" }]);
      await sql("ALTER TABLE orders DROP COLUMN note");
      await sql(`INSERT INTO orders VALUES (${++rows}, 1, 1, 'app')`);
      const dropped = await shop.run();
      expect(failures(dropped)).toEqual([]);
      expect(await shop.query(`SELECT note, channel FROM bronze.shop_orders WHERE id = ${rows}`)).toEqual([
        { note: null, channel: "app" },
      ]);
      await expectAllOrders("changed");
      await sql("ALTER TABLE customers ALTER COLUMN id TYPE text");
      const retyped = await shop.run();
      expect([retyped.code, retyped.task("bronze.shop_customers").error]).toEqual([0, undefined]);
    },
    long,
  );

  /** The tables of `ops` and the engine's own logs, as text: their files are compressed, and `query` shows views only. */
  const rowsOfTheState = async () => {
    const engine = await openEngine({ stateDir: join(shop.dir, ".shoplake"), config: TEST_ENGINE });
    try {
      const tables = await engine.rows<{ name: string }>(
        "SELECT concat(database, '.', name) AS name FROM system.tables WHERE database = 'ops' OR (database = 'system' AND name LIKE '%\\_log')",
      );
      const texts = [];
      for (const { name } of tables)
        texts.push({
          name,
          bytes: Buffer.from(JSON.stringify(await engine.rows(`SELECT * FROM ${name}`))),
        });
      return texts;
    } finally {
      await engine.close();
    }
  };

  const addOrdersWith = async (column: string): Promise<void> => {
    rows += 1;
    await sql(`INSERT INTO orders (id, customer_id, total, ${column}) VALUES (${rows}, 1, 1, 'web')`);
  };

  it(
    "the password appears nowhere: not in output, logs, state or tables",
    async () => {
      await sql("ALTER ROLE shopper NOLOGIN");
      expect((await shop.run()).code).toBe(1);
      const doctor = await shop.cli("doctor");
      expect(doctor.code).toBe(1);
      await shop.cli("config", "show");
      const tables = await rowsOfTheState();
      expect(tables.length).toBeGreaterThan(5);
      const kept = [...shop.everything(), ...tables];
      expect(kept.length).toBeGreaterThan(50);
      expect(kept.filter(({ bytes }) => bytes.includes(password)).map(({ name }) => name)).toEqual([]);
    },
    long,
  );
});
