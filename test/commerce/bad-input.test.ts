/** Shops that are empty, odd or broken: the right numbers, or an error that names the column and what to do, and nothing lost. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCommandLine } from "../../src/cli/command-line.ts";
import type { RunReport } from "../../src/pipeline/index.ts";
import { testContext } from "../cli/terminal.ts";
import { type TestPostgres, testPostgres } from "../postgres.ts";
import { type ShopWriter, shopWriter } from "./bad-rows.ts";
import { expectPostgres, postgresKpiNames } from "./postgres-kpis.ts";
import { type CommerceShop, expectSuccess, nowOf, openCommerce, type Row } from "./shop.ts";

const available = await testPostgres();
await available?.stop();
const long = 240_000;
const biggest = { id: 2_147_483_647, order: "9007199254740993", line: "9223372036854775807" } as const;
const exotic = [
  "\u0001\u0008\u001b[31m\u001f\u007f",
  "\\N \\0 \\x00 \\ NULL",
  "tab\there\nline\r\nend ",
  "\u2028\u2029\ufeff\u200b\u202eright to left\u202c",
  "👩‍👩‍👧‍👦 𝒳 ﬁ ß İ ı e\u0301",
  `'"\`; -- /* */ {currency:String} $1 %s <b>&amp;`,
];

describe.skipIf(available === undefined)("the commerce template", () => {
  let postgres: TestPostgres;
  let shop: CommerceShop;
  let write: ShopWriter;
  const sql = (text: string) => postgres.client.query(text);
  const succeed = async (): Promise<RunReport> => {
    const report = await shop.run();
    expectSuccess(report);
    return report;
  };
  const agree = async (...currencies: readonly string[]): Promise<void> => {
    for (const currency of currencies) await expectPostgres(shop, { currency });
  };
  const one = async (text: string): Promise<Row | undefined> => (await shop.rows(text))[0];
  /** What every query says of the shop, to find that it still says so. */
  const answers = async (): Promise<Readonly<Record<string, readonly Row[]>>> => {
    const all: Record<string, readonly Row[]> = {};
    for (const { name } of shop.project.catalogue.project.queries)
      all[name] = await shop.kpi(name.slice("kpi/".length));
    return all;
  };

  beforeAll(async () => {
    postgres = (await testPostgres()) as TestPostgres;
    // With faults no foreign key is declared: a row may name what is unknown.
    shop = await openCommerce(postgres, { scale: 0, until: "2026-06-30", faults: 5 });
    write = shopWriter(postgres.client);
  }, long);
  afterAll(async () => {
    await shop?.stop();
    await postgres?.stop();
  });

  it(
    "has a KPI in PostgreSQL's words for each of its queries, but the forecast",
    () => {
      const names = shop.project.catalogue.project.queries.map(({ name }) => name.slice("kpi/".length));
      expect([...postgresKpiNames, "revenue_forecast"].sort()).toEqual([...names].sort());
    },
    long,
  );

  it(
    "an empty shop: every query answers, what documents one row has one of zeros",
    async () => {
      await succeed();
      await agree("EUR");
      const all = await answers();
      expect(Object.keys(all).filter((name) => oneRow.includes(name)).length).toBe(oneRow.length);
      for (const name of oneRow) {
        expect([name, all[name]?.length]).toEqual([name, 1]);
        for (const [column, value] of Object.entries(all[name]?.[0] ?? {})) {
          const isRatio = /average|_per_|percent|rate|value/.test(column);
          const expected = column === "lifetime_periods" ? ["5"] : [isRatio ? null : "0"];
          expect([name, column, ...expected]).toEqual([name, column, value]);
        }
      }
      const others = Object.keys(all).filter((name) => !oneRow.includes(name) && all[name]?.length !== 0);
      expect(others.sort()).toEqual(["kpi/customer_funnel", "kpi/month_over_month", "kpi/new_customers"]);
      const again = await succeed();
      expect(again.tasks.filter(({ counts }) => counts.read > 0)).toEqual([]);
    },
    long,
  );

  it(
    "a shop without orders; names of every kind arrive unchanged",
    async () => {
      write.at("2024-01-01T12:00:00Z");
      await write.insert("customers", {
        customer_id: biggest.id,
        email: " Ada@Example.org ",
        city: exotic[4],
        first_name: exotic.slice(0, 4).join("|"),
      });
      await write.insert("products", {
        product_id: biggest.id,
        sku: exotic[5],
        product_name: exotic.join("|"),
      });
      await write.insert("marketing_campaigns", { campaign_id: biggest.id, campaign_name: exotic.join("|") });
      await write.insert("inventory_transactions", { transaction_id: biggest.line, product_id: biggest.id });
      await succeed();
      await agree("EUR", "XXX");
      const [given] = (
        await sql(
          "SELECT encode(convert_to(c.first_name || ' ' || c.last_name, 'UTF8'), 'hex') AS customer, encode(convert_to(c.city, 'UTF8'), 'hex') AS city, encode(convert_to(product_name, 'UTF8'), 'hex') AS product, encode(convert_to(sku, 'UTF8'), 'hex') AS sku, encode(convert_to(campaign_name, 'UTF8'), 'hex') AS campaign FROM customers AS c, products, marketing_campaigns",
        )
      ).rows;
      expect(
        await one(
          "SELECT lower(hex(c.full_name)) AS customer, lower(hex(c.city)) AS city, lower(hex(product_name)) AS product, lower(hex(sku)) AS sku, lower(hex(campaign_name)) AS campaign FROM gold.dim_customers AS c, gold.dim_products, gold.agg_campaign_performance",
        ),
      ).toEqual(given);
      expect((await shop.kpi("low_stock")).length).toBe(0);
      expect((await shop.kpi("customer_funnel")).map(({ customers }) => customers)).toEqual(["1", "0", "0"]);
    },
    long,
  );

  it(
    "one row of each, with the greatest numbers that its types hold",
    async () => {
      await write.insert("orders", {
        order_id: biggest.order,
        customer_id: biggest.id,
        campaign_id: biggest.id,
        total_amount: "9999999999.99",
      });
      await write.insert("order_items", {
        order_item_id: biggest.line,
        order_id: biggest.order,
        product_id: biggest.id,
        quantity: 1,
        unit_price: "99999999.99",
        line_total: "99999999.99",
      });
      await succeed();
      await agree("EUR", "XXX");
      expect(
        await one(
          "SELECT order_item_id, order_id, product_id, unit_price, revenue FROM gold.fact_order_lines",
        ),
      ).toEqual({
        order_item_id: biggest.line,
        order_id: biggest.order,
        product_id: biggest.id,
        unit_price: "99999999.99",
        revenue: "99999999.99",
      });
      expect(await one("SELECT transaction_id FROM silver.inventory_transactions")).toEqual({
        transaction_id: biggest.line,
      });
    },
    long,
  );

  it(
    "a faulty shop: PostgreSQL and every query agree, in the documented columns",
    async () => {
      await write.generate({ scale: 0.002, seed: 42, until: "2026-06-30", faults: 20 });
      write.at("2026-07-01T00:00:00Z");
      await succeed();
      await agree("EUR", "XXX");
      const all = await answers();
      const columns = Object.fromEntries(
        Object.entries(all).map(([name, [row]]) => [name, Object.keys(row ?? {})]),
      );
      expect(columns).toMatchObject(documentedColumns);
      const undocumented = Object.keys(columns).filter((name) => documentedColumns[name] === undefined);
      expect(undocumented).toEqual(["kpi/customers_by_age", "kpi/revenue_forecast"]);
    },
    long,
  );

  it(
    "two currencies: no number mixes them",
    async () => {
      await write.update("orders", "currency = 'USD'", "WHERE order_id % 3 = 0");
      await write.update("orders", "currency = 'usd'", "WHERE order_id % 30 = 0");
      await succeed();
      await agree("EUR", "USD", "XXX");
      const sums = (
        await sql(`SELECT upper(currency) AS currency, sum(total_amount - tax_amount - shipping_cost)::text AS net FROM orders
          WHERE order_status <> 'Cancelled' AND payment_status <> 'Failed' AND total_amount >= 0 AND order_date <= '2026-07-01 00:30Z'
            AND coalesce(fulfillment_date >= order_date, true) GROUP BY 1 ORDER BY 1`)
      ).rows;
      const [eur, usd] = await shop.rows(
        "SELECT currency, toString(toDecimal64(sum(net_amount), 2)) AS net FROM gold.fact_customer_orders WHERE is_counted GROUP BY currency ORDER BY currency",
      );
      expect([eur, usd]).toEqual(sums);
      expect(
        await shop.rows(`SELECT currency, period, value, total_revenue FROM
          (SELECT currency, period, value FROM gold.forecast_series WHERE granularity = 'day' AND measure = 'revenue' AND scope = 'total') AS f
          INNER JOIN (SELECT currency, sales_date, sum(d.total_revenue) AS total_revenue FROM gold.fact_daily_sales AS d GROUP BY currency, sales_date) AS s
            ON s.currency = f.currency AND s.sales_date = f.period WHERE value != total_revenue`),
      ).toEqual([]);
      expect(await one("SELECT uniqExact(currency) AS n FROM gold.forecast WHERE scope = 'total'")).toEqual({
        n: "2",
      });
    },
    long,
  );

  describe("odd rows", () => {
    const leap = [
      ["2024-02-28T22:59:59Z", "2024-02-28"],
      ["2024-02-28T23:00:00Z", "2024-02-29"],
      ["2024-02-29T22:59:59Z", "2024-02-29"],
      ["2024-02-29T23:00:00Z", "2024-03-01"],
    ] as const;
    /** 29 March 2026 has 23 hours in Berlin (02:00 is 03:00), 26 October 2025 has 25 (02:00 comes twice). */
    const clocks = [
      ["2026-03-28T22:59:59Z", "2026-03-28", "23:59:59"],
      ["2026-03-28T23:30:00Z", "2026-03-29", "00:30:00"],
      ["2026-03-29T00:59:59Z", "2026-03-29", "01:59:59"],
      ["2026-03-29T01:00:00Z", "2026-03-29", "03:00:00"],
      ["2026-03-29T21:59:59Z", "2026-03-29", "23:59:59"],
      ["2026-03-29T22:30:00Z", "2026-03-30", "00:30:00"],
      ["2025-10-25T21:59:59Z", "2025-10-25", "23:59:59"],
      ["2025-10-25T22:30:00Z", "2025-10-26", "00:30:00"],
      ["2025-10-25T23:59:59Z", "2025-10-26", "01:59:59"],
      ["2025-10-26T00:00:00Z", "2025-10-26", "02:00:00"],
      ["2025-10-26T01:00:00Z", "2025-10-26", "02:00:00"],
      ["2025-10-26T02:00:00Z", "2025-10-26", "03:00:00"],
      ["2025-10-26T22:59:59Z", "2025-10-26", "23:59:59"],
      ["2025-10-26T23:30:00Z", "2025-10-27", "00:30:00"],
    ] as const;
    const firstMoved = 800_001;

    beforeAll(async () => {
      await sql("ALTER TABLE products ALTER COLUMN price DROP NOT NULL, ALTER COLUMN cost DROP NOT NULL");
      await write.insert(
        "products",
        { product_id: 900_001, sku: "no price", price: null, cost: null, category: "Priceless" },
        { product_id: 900_002, sku: "free", price: "0.00", cost: "0.00" },
      );
      await write.update("products", "price = NULL", "WHERE product_id = 7");
      await write.insert(
        "marketing_campaigns",
        {
          campaign_id: 900_001,
          impressions: 0,
          clicks: 0,
          conversions: 0,
          budget: "0.00",
          revenue_generated: "0.00",
          channel: "SMS",
        },
        { campaign_id: 900_002, clicks: 0, conversions: 0, channel: "SMS" },
        { campaign_id: 900_003, budget: "0.00", channel: "Social" },
      );
      await write.insert(
        "customers",
        {
          customer_id: 900_001,
          email: "unborn@example.org",
          date_of_birth: null,
          country: null,
          phone: null,
        },
        { customer_id: 900_002, email: "leap@example.org", date_of_birth: "2000-02-29" },
      );
      let order = 900_000;
      const sell = async (row: Row, line: Row | undefined) => {
        order += 1;
        await write.insert("orders", { order_id: order, customer_id: 900_001, ...row });
        if (line !== undefined)
          await write.insert("order_items", {
            order_item_id: order * 10,
            order_id: order,
            product_id: 900_001,
            ...line,
          });
      };
      await sell({ order_date: "2026-06-20T10:00:00Z" }, {});
      await sell(
        { order_date: "2026-06-21T10:00:00Z" },
        { product_id: 900_002, unit_price: "0.00", line_total: "0.00" },
      );
      await sell({ order_date: "2026-06-22T10:00:00Z" }, { product_id: 999_998 });
      await write.insert("order_items", { order_item_id: 9_999_999, order_id: order, product_id: 999_999 });
      await sell({ order_date: "2026-06-23T10:00:00Z" }, undefined);
      for (const [at] of [...leap, ...clocks]) {
        await sell(
          { order_date: at, customer_id: 900_002, fulfillment_date: at, order_status: "Shipped" },
          { product_id: 8 },
        );
        await write.insert("inventory_transactions", {
          transaction_id: order,
          product_id: firstMoved,
          transaction_date: at,
          quantity: 1,
        });
      }
      await write.insert("products", { product_id: firstMoved, sku: "moved", category: "Moved" });
      await succeed();
    }, long);

    it("every query agrees", () => agree("EUR", "USD"), long);

    it("a product without price has none, and no profit; an unknown product has no name", async () => {
      expect(
        await shop.rows(
          "SELECT product_id, current_price, current_cost FROM gold.dim_products WHERE product_id IN (7, 900001, 900002) ORDER BY product_id",
        ),
      ).toMatchObject([
        { product_id: 7, current_price: null },
        { product_id: 900_001, current_price: null, current_cost: null },
        { product_id: 900_002, current_price: "0", current_cost: "0" },
      ]);
      expect(
        await shop.rows(
          "SELECT product_id, profit_margin FROM silver.products WHERE product_id IN (900001, 900002) ORDER BY product_id",
        ),
      ).toEqual([
        { product_id: 900_001, profit_margin: null },
        { product_id: 900_002, profit_margin: null },
      ]);
      expect(
        await shop.rows(
          "SELECT product_id, category, revenue, unit_cost, cost FROM gold.fact_order_lines WHERE product_id IN (900001, 999998, 999999) ORDER BY product_id",
        ),
      ).toEqual([
        { product_id: 900_001, category: "Priceless", revenue: "20", unit_cost: null, cost: null },
        { product_id: 999_998, category: "Unknown", revenue: "20", unit_cost: null, cost: null },
        { product_id: 999_999, category: "Unknown", revenue: "20", unit_cost: null, cost: null },
      ]);
    });

    it("a campaign without impressions, clicks or budget has no ratios, and no infinity", async () => {
      expect(
        await shop.rows(
          "SELECT campaign_id, ctr, conversion_rate, cost_per_click, cost_per_conversion, roi_percentage, roas FROM gold.agg_campaign_performance WHERE campaign_id BETWEEN 900001 AND 900003 ORDER BY campaign_id",
        ),
      ).toEqual([
        {
          campaign_id: 900_001,
          ctr: null,
          conversion_rate: null,
          cost_per_click: null,
          cost_per_conversion: null,
          roi_percentage: null,
          roas: null,
        },
        {
          campaign_id: 900_002,
          ctr: "0",
          conversion_rate: null,
          cost_per_click: null,
          cost_per_conversion: null,
          roi_percentage: "150",
          roas: "2.5",
        },
        {
          campaign_id: 900_003,
          ctr: "10",
          conversion_rate: "10",
          cost_per_click: "0",
          cost_per_conversion: "0",
          roi_percentage: null,
          roas: null,
        },
      ]);
    });

    it("a leap day is a day, and a birthday; without a date of birth there is no age", async () => {
      expect(
        await shop.rows(
          "SELECT order_day AS day, count() AS n FROM silver.orders WHERE order_day BETWEEN '2024-02-28' AND '2024-03-01' GROUP BY day ORDER BY day",
        ),
      ).toEqual([
        { day: "2024-02-28", n: "1" },
        { day: "2024-02-29", n: "2" },
        { day: "2024-03-01", n: "1" },
      ]);
      for (const today of ["2024-02-29", "2030-02-28", "2030-03-01"]) await expectPostgres(shop, { today });
      const ages = async (today: string) => {
        const born = await shop.rows(
          `SELECT age('year', date_of_birth, toDate('${today}')) AS age FROM silver.customers WHERE customer_id IN (900001, 900002) ORDER BY customer_id`,
        );
        return born.map(({ age }) => age);
      };
      expect([await ages("2030-02-28"), await ages("2030-03-01"), await ages("2028-02-29")]).toEqual(
        [
          [null, 29],
          [null, 30],
          [null, 28],
        ].map((row) => row.map((age) => (age === null ? null : String(age)))),
      );
    });

    it("days of 23 and 25 hours are days", async () => {
      for (const [at, day, clock] of clocks)
        expect([
          at,
          await one(
            `SELECT order_day AS day, formatDateTime(order_date, '%H:%i:%S', 'Europe/Berlin') AS clock FROM silver.orders WHERE order_id >= 900000 AND order_date = toDateTime64('${at.slice(0, 19)}', 6, 'UTC')`,
          ),
        ]).toEqual([at, { day, clock }]);
      for (const today of ["2026-03-30", "2025-10-27"]) await expectPostgres(shop, { today });
      const moved = await shop.rows(
        `SELECT day, on_hand FROM gold.inventory_daily WHERE product_id = ${firstMoved} AND (day BETWEEN '2025-10-24' AND '2025-10-28' OR day BETWEEN '2026-03-27' AND '2026-03-31') ORDER BY day`,
      );
      expect(moved.map(({ day, on_hand }) => `${day} ${on_hand}`)).toEqual([
        "2025-10-24 4",
        "2025-10-25 5",
        "2025-10-26 11",
        "2025-10-27 12",
        "2025-10-28 12",
        "2026-03-27 12",
        "2026-03-28 13",
        "2026-03-29 17",
        "2026-03-30 18",
        "2026-03-31 18",
      ]);
      expect(
        await shop.rows(
          "SELECT currency, scope, category FROM gold.forecast_series WHERE granularity = 'day' GROUP BY currency, scope, category, measure HAVING count() != dateDiff('day', min(period), max(period)) + 1 OR uniqExact(period) != count()",
        ),
      ).toEqual([]);
    });
  });

  it(
    "a product that is deleted in the shop stays as last known, and so do its sales",
    async () => {
      const before = await answers();
      await sql("CREATE TABLE deleted AS SELECT * FROM products WHERE product_id IN (8, 900001)");
      await sql("DELETE FROM products WHERE product_id IN (8, 900001)");
      await succeed();
      expect(await answers()).toEqual(before);
      await sql("INSERT INTO products SELECT * FROM deleted");
      await sql("DROP TABLE deleted");
      await succeed();
      expect(await answers()).toEqual(before);
    },
    long,
  );

  it(
    "a currency that is none and a status that nobody knows cost a row each; many of a new status stop the run until they are corrected",
    async () => {
      const order = { customer_id: 900_001, order_date: "2026-06-24T10:00:00Z" };
      await write.insert(
        "orders",
        { ...order, order_id: 970_001, currency: "E1" },
        { ...order, order_id: 970_002, order_status: "Teleported" },
        { ...order, order_id: 970_003 },
      );
      await write.insert("inventory_transactions", {
        transaction_id: 970_001,
        product_id: 8,
        transaction_type: "LOST",
      });
      await write.insert("marketing_campaigns", { campaign_id: 970_001, channel: "Pigeon" });
      await write.insert("order_items", {
        order_item_id: 9_700_010,
        order_id: 970_003,
        product_id: 8,
        return_status: "Eaten",
      });
      await succeed();
      const open =
        "SELECT rule, key FROM ops.quarantine WHERE status = 'open' AND key LIKE '%97000%' ORDER BY rule";
      expect((await shop.rows(open)).map(({ rule, key }) => `${rule} ${key}`)).toEqual([
        "invalid_currency order_id=970001",
        "unknown_channel campaign_id=970001",
        "unknown_return_status order_item_id=9700010",
        "unknown_status order_id=970002",
        "unknown_type transaction_id=970001",
      ]);
      expect(
        await shop.rows("SELECT order_id FROM silver.orders WHERE order_id BETWEEN 970000 AND 980000"),
      ).toHaveLength(1);

      await sql(
        "CREATE TABLE kept AS SELECT order_id, order_status FROM orders WHERE fulfillment_date > order_date LIMIT 40",
      );
      const before = await answers();
      await write.update("orders", "order_status = 'Lost'", "WHERE order_id IN (SELECT order_id FROM kept)");
      const stopped = await shop.run();
      expect(stopped.tasks.find(({ dataset }) => dataset === "silver.orders")).toMatchObject({
        state: "failed",
        error: {
          code: "quality",
          message: expect.stringContaining("rejected"),
        },
      });
      expect(await answers()).toEqual(before);

      await write.update(
        "orders",
        "order_status = kept.order_status",
        "FROM kept WHERE kept.order_id = orders.order_id",
      );
      await sql("DROP TABLE kept");
      await write.update(
        "orders",
        "order_status = 'Pending', currency = 'EUR'",
        "WHERE order_id > 970000 AND order_id < 980000",
      );
      await write.update("order_items", "return_status = 'None'", "WHERE order_item_id = 9700010");
      await write.update("marketing_campaigns", "channel = 'Email'", "WHERE campaign_id = 970001");
      await write.update(
        "inventory_transactions",
        "transaction_type = 'IN'",
        "WHERE transaction_id = 970001",
      );
      await succeed();
      await agree("EUR", "USD");
    },
    long,
  );

  it(
    "all orders cancelled: no sale, no division by zero; and back",
    async () => {
      await sql("CREATE TABLE kept AS SELECT order_id, order_status, fulfillment_date FROM orders");
      // Rows that are in quarantine stay there: corrected and spoiled again, their good version would count.
      const good = "coalesce(fulfillment_date >= order_date AND order_status <> 'Cancelled', true)";
      await write.update("orders", "order_status = 'Cancelled', fulfillment_date = NULL", `WHERE ${good}`);
      await succeed();
      await agree("EUR", "USD");
      expect(await one("SELECT count() AS n FROM gold.fact_daily_sales")).toEqual({ n: "0" });
      expect(await shop.kpi("revenue_forecast")).toEqual([]);
      await write.update(
        "orders",
        "order_status = kept.order_status, fulfillment_date = kept.fulfillment_date",
        "FROM kept WHERE kept.order_id = orders.order_id",
      );
      await sql("DROP TABLE kept");
      await succeed();
      await agree("EUR", "USD");
    },
    long,
  );

  describe("columns that change between two runs", () => {
    const command = async (...args: readonly string[]) => {
      const context = testContext({}, { cwd: shop.dir, env: { ...process.env, ...shop.env } });
      const code = await runCommandLine({ ...context, clock: () => new Date(nowOf(shop.plan)) }, args);
      return { code, shown: (context.stdout.text + context.stderr.text).replace(/\s+/g, " ") };
    };
    const failed = (report: RunReport) =>
      Object.fromEntries(
        report.tasks
          .filter(({ state, layer }) => state !== "success" && layer === "bronze")
          .map(({ dataset, error }) => [dataset.slice("bronze.shop_".length), error]),
      );

    it(
      "renamed, dropped, retyped to text, another type, without the cursor, the whole table: each by name; the last good numbers stay; then all catches up",
      async () => {
        const before = await answers();
        await sql("ALTER TABLE orders RENAME COLUMN total_amount TO amount_total");
        await sql("CREATE TABLE prices AS SELECT product_id, price FROM products");
        await sql("ALTER TABLE products DROP COLUMN price");
        await sql(
          "ALTER TABLE order_items ALTER COLUMN quantity TYPE text, ALTER COLUMN return_status TYPE varchar(40)",
        );
        await sql("ALTER TABLE customers ALTER COLUMN registration_date TYPE timestamp");
        await sql("ALTER TABLE inventory_transactions RENAME COLUMN created_at TO written_at");
        await sql("ALTER TABLE marketing_campaigns RENAME TO campaigns");
        await sql(`INSERT INTO orders (order_id, customer_id, order_date, order_status, payment_method, amount_total, discount_amount, tax_amount, shipping_cost, currency, payment_status, created_at, updated_at)
          VALUES (950001, 900001, '2026-06-25 10:00Z', 'Pending', 'Card', 20, 0, 0, 0, 'EUR', 'Paid', '2026-06-25 10:00Z', '2026-07-01 00:20Z')`);
        await sql(`INSERT INTO order_items (order_item_id, order_id, product_id, quantity, unit_price, discount_percentage, line_total, tax_amount, return_status, created_at, updated_at)
          VALUES (9500010, 950001, 8, 'two', 10, 0, 20, 0, 'None', '2026-06-25 10:00Z', '2026-07-01 00:20Z')`);
        const report = await shop.run();
        expect(report.state).toBe("failed");
        const said = failed(report);
        expect(said).toMatchObject({
          orders: {
            code: "source",
            message: "Column total_amount (Decimal(12, 2)) is gone from the source. Read by silver.orders.",
            where: "shop: public.orders",
            hint: expect.stringMatching(/^New there: amount_total\. Bring the column back\..* retired/),
          },
          products: {
            message: expect.stringMatching(/^Column price .* is gone .* silver\.product_versions\.$/),
          },
          order_items: {
            message:
              "Column quantity has another type now: text (String); bronze holds Int32. Read by silver.order_items.",
            hint: expect.stringMatching(/Change the column back.*asText/),
          },
          customers: {
            message: expect.stringMatching(
              /^Column registration_date has another type now: timestamp without time zone/,
            ),
          },
          inventory_transactions: {
            message: "There is no column created_at, which cursor names.",
            hint: expect.anything(),
          },
          marketing_campaigns: {
            message: "There is no table public.marketing_campaigns.",
            hint: expect.stringMatching(/^Bring the table back/),
          },
        });
        expect(Object.keys(said).length).toBe(6);
        expect(await answers()).toEqual(before);
        const { code, shown } = await command("run", "bronze");
        expect(code).toBe(1);
        for (const word of [
          "total_amount",
          "price",
          "quantity",
          "registration_date",
          "created_at",
          "marketing_campaigns",
        ])
          expect(shown).toContain(word);

        await sql("ALTER TABLE orders RENAME COLUMN amount_total TO total_amount");
        await sql("ALTER TABLE products ADD COLUMN price numeric(10, 2)");
        await sql(
          "UPDATE products SET price = prices.price FROM prices WHERE prices.product_id = products.product_id",
        );
        await sql("DROP TABLE prices");
        await sql("UPDATE order_items SET quantity = '2' WHERE quantity = 'two'");
        await sql("ALTER TABLE order_items ALTER COLUMN quantity TYPE integer USING quantity::integer");
        await sql("ALTER TABLE customers ALTER COLUMN registration_date TYPE timestamptz");
        await sql("ALTER TABLE inventory_transactions RENAME COLUMN written_at TO created_at");
        await sql("ALTER TABLE campaigns RENAME TO marketing_campaigns");
        await succeed();
        await agree("EUR", "USD");
        expect(await one("SELECT revenue FROM gold.fact_order_lines WHERE order_id = 950001")).toEqual({
          revenue: "20",
        });
      },
      long,
    );

    it(
      "wider and narrower numbers, columns that no model reads: right, and told",
      async () => {
        const keys = await shop.rows(
          "SELECT customer_id, customer_key FROM gold.dim_customers ORDER BY customer_id",
        );
        await sql(
          "ALTER TABLE orders ALTER COLUMN customer_id TYPE bigint, ALTER COLUMN total_amount TYPE numeric(14, 4), DROP COLUMN shipping_address",
        );
        await sql("ALTER TABLE customers ALTER COLUMN customer_id TYPE bigint");
        await sql("ALTER TABLE order_items ALTER COLUMN tax_amount TYPE numeric(8, 2)");
        await sql(
          "ALTER TABLE inventory_transactions ALTER COLUMN warehouse_id TYPE smallint, ADD COLUMN shelf text",
        );
        write.at("2026-07-01T00:25:00Z");
        await write.insert("customers", { customer_id: "5000000000", email: "wide@example.org" });
        await write.insert("orders", {
          order_id: 960_001,
          customer_id: "5000000000",
          order_date: "2026-06-26T10:00:00Z",
          total_amount: "20.0000",
        });
        await write.insert("order_items", { order_item_id: 9_600_010, order_id: 960_001, product_id: 8 });
        const { code, shown } = await command("run", "bronze", "--json");
        expect(code).toBe(0);
        for (const said of [
          "public.orders: columns gone from the source, NULL from now on: shipping_address",
          "public.inventory_transactions: new columns taken over: shelf",
          "public.customers: bronze is rewritten for wider columns: customer_id (Int32 to Int64)",
        ])
          expect(shown).toContain(said);
        await succeed();
        await agree("EUR", "USD");
        expect(
          await shop.rows(
            "SELECT customer_id, customer_key FROM gold.dim_customers WHERE customer_id < 5000000000 ORDER BY customer_id",
          ),
        ).toEqual(keys.map((row) => ({ ...row, customer_id: String(row["customer_id"]) })));
        expect(
          await one("SELECT customer_id, shipping_address FROM bronze.shop_orders WHERE order_id = 960001"),
        ).toEqual({
          customer_id: "5000000000",
          shipping_address: null,
        });
        const again = await succeed();
        expect(again.tasks.filter(({ counts }) => counts.published > 0)).toEqual([]);
      },
      long,
    );
  });
});

const page = readFileSync(new URL("../../docs/kpis.md", import.meta.url), "utf8");
const documented = [...page.matchAll(/^\| `(\w+)` \|[^|]*\|([^|]*)\|([^|]*)\|$/gm)].map(
  ([, name = "", rows = "", columns = ""]) => ({
    name: `kpi/${name}`,
    rows: rows.trim(),
    columns: [...columns.matchAll(/`(\w+)`/g)].map(([, column]) => column),
  }),
);
const oneRow = documented.filter(({ rows }) => rows === "one row").map(({ name }) => name);
const documentedColumns = Object.fromEntries(documented.map(({ name, columns }) => [name, columns]));
