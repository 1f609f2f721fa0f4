/** The same project with its lake in S3, and with its gold tables in PostgreSQL. */
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runUnitTests, type UnitTestResult } from "../../src/analysis/unit-tests.ts";
import { hasService, s3Keys, startS3 } from "../lake/services.ts";
import { type TestPostgres, testPostgres } from "../postgres.ts";
import { type CommerceShop, expectSuccess, expectTruth, openCommerce } from "./shop.ts";

const postgres = await testPostgres();
const hasS3 = hasService("s3");
const options = { scale: 0.005, seed: 11, until: "2026-06-30", faults: 5 };
afterAll(() => postgres?.stop());

describe.skipIf(postgres === undefined || !hasS3)("with the lake in S3", () => {
  it("ends with the truth, also after another day", async () => {
    const s3 = await startS3();
    await s3.makeBucket("shop");
    const lake = `lake: { s3: { endpoint: "${s3.endpoint}", bucket: "shop", accessKeyId: env("S3_KEY"), secretAccessKey: env("S3_SECRET") } },`;
    const shop = await openCommerce((await testPostgres()) as TestPostgres, {
      ...options,
      config: [["  sources: {", `  ${lake}\n  sources: {`]],
      env: { S3_KEY: s3Keys.id, S3_SECRET: s3Keys.secret },
    });
    try {
      expectSuccess(await shop.run());
      await shop.nextDay();
      expectSuccess(await shop.run());
      await expectTruth(shop);
    } finally {
      await shop.stop();
      await shop.postgres.stop();
      await s3.stop();
    }
  }, 600_000);
});

/** The query of the original's README, word by word but for the layout. */
const verifyResults = `
SELECT 'dim_products' as table_name, COUNT(*) as row_count FROM dim_products
UNION ALL SELECT 'dim_customers', COUNT(*) FROM dim_customers
UNION ALL SELECT 'fact_daily_sales', COUNT(*) FROM fact_daily_sales
UNION ALL SELECT 'fact_customer_orders', COUNT(*) FROM fact_customer_orders
UNION ALL SELECT 'agg_campaign_performance', COUNT(*) FROM agg_campaign_performance
UNION ALL SELECT 'agg_inventory_status', COUNT(*) FROM agg_inventory_status;`;

describe.skipIf(postgres === undefined)("with its gold in PostgreSQL", () => {
  let shop: CommerceShop;
  let gold: pg.Client;
  const beforeAnyRun: UnitTestResult[] = [];
  beforeAll(async () => {
    const server = postgres as TestPostgres;
    await server.client.query("CREATE DATABASE ecommerce_gold");
    const url = new URL(server.url);
    url.pathname = "ecommerce_gold";
    shop = await openCommerce(server, {
      ...options,
      config: [["  // sinks:", "  sinks:"]],
      env: { GOLD_DATABASE_URL: url.href },
    });
    gold = new pg.Client({ connectionString: url.href });
    await gold.connect();
    const { host, catalogue } = shop.project;
    const known = [...catalogue.datasets.values()].filter(({ model }) => model === undefined);
    const bronze = Object.fromEntries(known.map(({ name, columns }) => [name, columns]));
    for await (const result of runUnitTests(catalogue.project, host.engine, { bronze }))
      beforeAnyRun.push(result);
    expectSuccess(await shop.run());
  }, 300_000);
  afterAll(async () => {
    await gold?.end();
    await shop?.stop();
  });
  const inGold = async (sql: string) => (await gold.query(sql)).rows as Record<string, unknown>[];
  const counts = async () =>
    Object.fromEntries(
      (await inGold(verifyResults)).map((row) => [`gold.${row["table_name"]}`, Number(row["row_count"])]),
    );

  it("the template's unit tests pass, before any row was read", () => {
    expect(beforeAnyRun.length).toBeGreaterThan(12);
    expect(beforeAnyRun.filter(({ status }) => status !== "pass")).toEqual([]);
  });

  it("its verify query counts what the truth counts", async () => {
    expect(shop.truth().rows).toMatchObject(await counts());
  });

  it("has primary keys, and foreign keys from orders to customers and from stock to products", async () => {
    const keys =
      await inGold(`SELECT conrelid::regclass::text AS from, contype AS kind, coalesce(confrelid::regclass::text, '') AS to
      FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype IN ('p', 'f') AND conrelid::regclass::text NOT LIKE '\\_%' ORDER BY 1, 2, 3`);
    expect(keys.filter(({ kind }) => kind === "f")).toEqual([
      { from: "agg_inventory_status", kind: "f", to: "dim_products" },
      { from: "fact_customer_orders", kind: "f", to: "dim_customers" },
    ]);
    expect(keys.filter(({ kind }) => kind === "p")).toHaveLength(6);
  });

  it("holds the same sums as the warehouse, also after another day", async () => {
    await shop.nextDay();
    expectSuccess(await shop.run());
    const sums =
      "sum(total_amount)::text AS total, sum(total_items)::text AS items, count(customer_key)::text AS known";
    const [theirs] = await inGold(`SELECT ${sums} FROM fact_customer_orders`);
    const [ours] = await shop.rows(
      "SELECT toString(sum(o.total_amount)) AS total, toString(sum(total_items)) AS items, toString(count(customer_key)) AS known FROM gold.fact_customer_orders AS o",
    );
    expect(Number(theirs?.["total"])).toBe(Number(ours?.["total"]));
    expect([theirs?.["items"], theirs?.["known"]]).toEqual([ours?.["items"], ours?.["known"]]);
    expect(shop.truth().rows).toMatchObject(await counts());
  });

  it("the three schedules of the original are selectors", async () => {
    for (const name of ["daily_bronze_ingestion", "daily_silver_transformation", "daily_gold_aggregation"]) {
      const report = await shop.run({ select: [name] });
      expectSuccess(report);
      expect(report.tasks.length).toBeGreaterThan(5);
    }
  });
});
