/** What is true of every shop. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Order } from "../../../src/generator/simulation.ts";
import type { Row } from "../../../src/generator/truth/kpi.ts";
import type { Truth } from "../../../src/generator/truth/truth.ts";
import { at, customer, line, move, order, product, type Rows, truth } from "./hand-made.ts";

const id = (max: number) => fc.integer({ min: 1, max });
const moment = fc.integer({ min: at("2026-01-01"), max: at("2026-07-20") });

const someLine = fc.record({
  productId: id(7),
  quantity: id(4),
  unitPriceCents: fc.integer({ min: 0, max: 20_000 }).map((tens) => tens * 20),
  discountPercent: fc.constantFrom(0, 5, 10, 20),
  returned: fc.boolean(),
  returnedAt: moment,
});

const someOrder = fc.record({
  customerId: id(8),
  orderedAt: moment,
  status: fc.constantFrom("Delivered", "Shipped", "Cancelled", "Pending"),
  paymentStatus: fc.constantFrom("Paid", "Failed", "Pending"),
  paymentMethod: fc.constantFrom("PayPal", "Credit Card"),
  taxCents: fc.integer({ min: 0, max: 500 }),
  shippingCents: fc.integer({ min: 0, max: 500 }),
  currency: fc.constantFrom("EUR", "EUR", "USD"),
  lines: fc.array(someLine, { maxLength: 4 }),
} as const);

const someMove = fc.record({
  productId: id(6),
  type: fc.constantFrom("IN", "OUT", "ADJUSTMENT"),
  size: fc.integer({ min: 1, max: 9 }),
  at: fc.integer({ min: at("2026-05-01"), max: at("2026-06-29") }),
} as const);

const someShop = fc
  .record({
    customers: fc.array(fc.constantFrom("Premium", "Regular", "New"), { maxLength: 6 }),
    products: fc.array(fc.constantFrom("home", "toys", "books"), { maxLength: 5 }),
    orders: fc.array(someOrder, { maxLength: 25 }),
    moves: fc.array(someMove, { maxLength: 25 }),
  })
  .map(
    (made): Rows => ({
      customers: made.customers.map((segment, index) =>
        customer({ id: index + 1, segment, country: index % 2 === 0 ? "DE" : "FR" }),
      ),
      products: made.products.map((category, index) =>
        product({ id: index + 1, category, active: index !== 1 }),
      ),
      orders: made.orders
        .sort((a, b) => a.orderedAt - b.orderedAt)
        .map(({ lines, ...rest }, index): Order => {
          const rows = lines.map(({ returned, returnedAt, ...fields }, position) =>
            line({
              id: index * 10 + position,
              ...fields,
              returnStatus: returned ? "Completed" : "None",
              returnedAt: returned ? returnedAt : null,
            }),
          );
          return order({ id: index + 1, ...rest, lines: rows });
        }),
      moves: made.moves
        .sort((a, b) => a.at - b.at)
        .map(({ size, ...rest }, index) =>
          move({ id: index + 1, ...rest, quantity: rest.type === "OUT" ? -size : size }),
        ),
    }),
  );

const all = {
  top_categories: { limit: 1000 },
  top_products: { limit: 1000 },
  top_customers: { limit: 1000 },
  daily_sales: { days: 1000 },
  returning_customers: { months: 24 },
  new_customers: { months: 24 },
  month_over_month: { months: 24 },
  retention_cohorts: { months: 24 },
};

function holds(check: (found: Truth, rows: Rows) => void): void {
  fc.assert(
    fc.property(someShop, (rows) => {
      check(truth(rows, { today: "2026-07-31", parameters: all }), rows);
    }),
    { numRuns: 150 },
  );
}

/** The sum of a column, in its last digit. */
function sum(rows: readonly Row[], column: string): number {
  return rows.reduce((total, row) => total + Number(String(row[column] ?? 0).replace(".", "")), 0);
}

describe("every shop", () => {
  test("categories, products, days and months add up to the overview", () => {
    holds(({ kpis }) => {
      for (const rows of [kpis.top_categories, kpis.top_products, kpis.daily_sales, kpis.monthly_sales])
        for (const column of ["units", "net_sales"])
          expect(sum(rows, column)).toBe(sum(kpis.overview, column));
      for (const column of ["gross_sales", "discounts", "returns"])
        expect(sum(kpis.daily_sales, column)).toBe(sum(kpis.top_products, column));
      expect(sum(kpis.abc_classes, "net_sales")).toBe(sum(kpis.overview, "net_sales"));
    });
  });

  test("net sales are gross sales less discounts and returns", () => {
    holds(({ kpis }) => {
      for (const row of [...kpis.daily_sales, ...kpis.top_products, ...kpis.top_categories])
        expect(sum([row], "net_sales")).toBe(
          sum([row], "gross_sales") - sum([row], "discounts") - sum([row], "returns"),
        );
    });
  });

  test("segments, countries, bands and customers add up to all buyers", () => {
    holds(({ kpis }) => {
      const [total] = kpis.average_order_value;
      const buyers = kpis.repeat_purchase_rate[0]?.["customers_with_orders"];
      const groups = [
        [kpis.customer_value_by_segment, "revenue"],
        [kpis.sales_by_country, "revenue"],
        [kpis.purchase_frequency, "spend"],
      ] as const;
      for (const [rows, revenue] of groups) {
        expect(sum(rows, "customers")).toBe(buyers);
        expect(sum(rows, "orders")).toBe(total?.["orders"]);
        expect(sum(rows, revenue)).toBe(sum(kpis.average_order_value, "sales_after_discount"));
      }
      expect(sum(kpis.top_customers, "spend")).toBe(sum(kpis.average_order_value, "sales_after_discount"));
      expect(kpis.top_customers).toHaveLength(Number(buyers));
    });
  });

  test("shares add up to 100 but for the rounding of each", () => {
    holds(({ kpis }) => {
      const shares = [
        kpis.top_categories,
        kpis.customers_by_segment,
        kpis.purchase_frequency,
        kpis.abc_classes,
        kpis.orders_by_status,
        kpis.rfm_segments,
      ];
      for (const rows of shares)
        if (rows.length > 0 && rows[0]?.["share_percent"] !== null)
          expect(Math.abs(sum(rows, "share_percent") - 10_000)).toBeLessThanOrEqual(rows.length / 2);
    });
  });

  test("ABC classes hold every product that was sold; A begins with the best", () => {
    holds(({ kpis }) => {
      expect(sum(kpis.abc_classes, "products")).toBe(kpis.top_products.length);
      if (sum(kpis.overview, "net_sales") > 0) expect(kpis.abc_classes[0]?.["class"]).toBe("A");
    });
  });

  test("RFM segments hold every good customer and every unknown buyer once", () => {
    holds(({ kpis, rows }) => {
      const buyers = kpis.top_customers;
      const unknown = buyers.filter((row) => row["customer_segment"] === "Unknown").length;
      expect(sum(kpis.rfm_segments, "customers")).toBe((rows["silver.customers"] ?? 0) + unknown);
      expect(sum(kpis.rfm_segments, "orders")).toBe(sum(buyers, "orders"));
      expect(sum(kpis.rfm_segments, "revenue")).toBe(sum(buyers, "spend"));
    });
  });

  test("cohorts begin whole, never grow, and hold every buyer once", () => {
    holds(({ kpis }) => {
      const first = kpis.retention_cohorts.filter((row) => row["month_number"] === 0);
      expect(sum(first, "customers")).toBe(kpis.top_customers.length);
      for (const row of first) expect(row["customers"]).toBe(row["cohort_size"]);
      for (const row of kpis.retention_cohorts)
        expect(Number(row["customers"] ?? 0)).toBeLessThanOrEqual(Number(row["cohort_size"]));
    });
  });

  test("buyers of a month are its cohort and those who return", () => {
    holds(({ kpis }) => {
      const began = new Map(kpis.new_customers.map((row) => [row["month"], row["first_time_buyers"]]));
      for (const row of kpis.returning_customers)
        expect(row["customers"]).toBe(
          Number(row["returning_customers"]) + Number(began.get(row["month"] ?? "")),
        );
      const months = kpis.monthly_sales.filter(
        (row) => Number(row["orders"]) > 0 && row["month"] !== "2026-07-01",
      );
      expect(kpis.returning_customers.map((row) => [row["month"], row["customers"]])).toEqual(
        months.map((row) => [row["month"], row["customers"]]),
      );
    });
  });

  test("statuses and payment methods hold every good order", () => {
    holds(({ kpis }) => {
      const orders = kpis.cancellation_rate[0]?.["orders"];
      expect(sum(kpis.orders_by_status, "orders")).toBe(orders);
      expect(sum(kpis.payment_methods, "orders")).toBe(orders);
      expect(sum(kpis.payment_methods, "total_amount")).toBe(sum(kpis.orders_by_status, "total_amount"));
      for (const row of kpis.payment_methods)
        expect(row["orders"]).toBe(
          Number(row["paid"]) + Number(row["pending"]) + Number(row["failed"]) + Number(row["refunded"]),
        );
    });
  });

  test("read = good + rejected", () => {
    holds(({ rows, rejects }, given) => {
      const rejected = (table: string) =>
        Object.entries(rejects)
          .filter(([rule]) => rule.startsWith(`${table}.`))
          .reduce((count, [, ids]) => count + ids.length, 0);
      expect((rows["silver.orders"] ?? 0) + rejected("orders")).toBe(given.orders?.length);
      expect((rows["silver.inventory_transactions"] ?? 0) + rejected("inventory_transactions")).toBe(
        given.moves?.length,
      );
    });
  });

  test("the stock day by day", () => {
    const days = 20;
    const parameters = { inventory_turnover: { days }, stock_out_rate: { days } };
    fc.assert(
      fc.property(someShop, (rows) => {
        const { kpis } = truth(rows, { today: "2026-06-25", timezone: "UTC", parameters });
        const expected = dayByDay(rows, "2026-06-25", days);
        expect(sum(kpis.stock_out_rate, "sku_days")).toBe(expected.skuDays);
        expect(sum(kpis.stock_out_rate, "stock_out_days")).toBe(expected.outDays);
        if (expected.length > 0)
          for (const row of kpis.inventory_turnover) {
            const units = expected.unitDays.get(String(row["category"])) ?? 0;
            expect(Math.abs(Number(row["average_units"]) - units / expected.length)).toBeLessThan(0.00501);
          }
      }),
      { numRuns: 150 },
    );
  });
});

/** The slow way: for each product and day, the sum of all moves up to it. */
function dayByDay({ products = [], moves = [] }: Rows, today: string, days: number) {
  const dayOf = (instant: number) => Math.floor(instant / 86_400_000);
  const known = moves.filter(({ productId }) => productId <= products.length);
  const last = Math.max(...known.map((each) => dayOf(each.at)));
  const result = { skuDays: 0, outDays: 0, length: 0, unitDays: new Map<string, number>() };
  const from = dayOf(at(today)) - days + 1;
  for (let day = from; day <= Math.min(dayOf(at(today)), last); day++) {
    result.length += 1;
    for (const { id: productId, category, active } of products) {
      const own = known.filter((each) => each.productId === productId && dayOf(each.at) <= day);
      const onHand = own.reduce((total, each) => total + each.quantity, 0);
      const title = category.charAt(0).toUpperCase() + category.slice(1);
      result.unitDays.set(title, (result.unitDays.get(title) ?? 0) + onHand);
      if (own.length > 0 && active) result.skuDays += 1;
      if (own.length > 0 && active && onHand <= 0) result.outDays += 1;
    }
  }
  return result;
}
