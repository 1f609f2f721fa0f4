/** The truth about generated shops. */
import { describe, expect, test } from "vitest";
import { badRows } from "../../../src/generator/fault-list.ts";
import { shopPlan } from "../../../src/generator/plan.ts";
import { simulate } from "../../../src/generator/simulate.ts";
import { truthOf } from "../../../src/generator/truth/truth.ts";

const options = { currency: "EUR", today: "2026-06-30", timezone: "Europe/Berlin" };

function generated(given: { seed: number; scale: number; faults: number; files?: boolean }) {
  const simulation = simulate(shopPlan({ until: "2026-06-30", ...given }));
  return { simulation, found: truthOf(simulation, options) };
}

describe.each([
  { seed: 42, scale: 0.01, faults: 2, files: false },
  { seed: 7, scale: 0.01, faults: 20, files: true },
  { seed: 8, scale: 0.0005, faults: 5, files: true },
])("a shop of $seed at scale $scale with $faults faults (files: $files)", (given) => {
  const { simulation, found } = generated(given);
  const bad = [...badRows(simulation)];

  test("the rules find exactly the rows that are bad on purpose", () => {
    const rejected = Object.entries(found.rejects).flatMap(([rule, ids]) => ids.map((id) => `${rule} ${id}`));
    const reported = Object.entries(found.warnings)
      .filter(([rule]) => !rule.includes(".unknown_"))
      .flatMap(([rule, ids]) => ids.map((id) => `${rule} ${id}`));
    const planned = bad
      .filter(({ fault }) => !fault.startsWith("unknown_"))
      .map(
        ({ table, id, fault }) => `${table}.${fault === "wrong_type" ? typeRule(found, table) : fault} ${id}`,
      );
    expect([...rejected, ...reported].sort()).toEqual(planned.sort());
  });

  test("unknown customers, orders and products are those planned and those that were rejected", () => {
    const rejectedOrders = rejectedIds(found, "orders");
    const rejectedCustomers = rejectedIds(found, "customers");
    const rejectedProducts = rejectedIds(found, "products");
    const rejectedLines = rejectedIds(found, "order_items");
    const rejectedMoves = rejectedIds(found, "inventory_transactions");
    const isPlanned = ({ fault }: { readonly fault?: string }, kind: string) => fault === kind;
    const orders = [...simulation.orders()];
    const lines = orders.flatMap((each) => each.lines).filter((each) => !rejectedLines.has(each.id));
    const expected = {
      "orders.unknown_customer": orders
        .filter((each) => !rejectedOrders.has(each.id))
        .filter((each) => isPlanned(each, "unknown_customer") || rejectedCustomers.has(each.customerId)),
      "order_items.unknown_order": lines.filter(
        (each) => isPlanned(each, "unknown_order") || rejectedOrders.has(each.orderId),
      ),
      "order_items.unknown_product": lines.filter(
        (each) => isPlanned(each, "unknown_product") || rejectedProducts.has(each.productId),
      ),
      "inventory_transactions.unknown_product": [...simulation.moves()]
        .filter((each) => !rejectedMoves.has(each.id))
        .filter((each) => isPlanned(each, "unknown_product") || rejectedProducts.has(each.productId)),
    };
    for (const [rule, rows] of Object.entries(expected))
      expect([rule, [...(found.warnings[rule] ?? [])].sort()]).toEqual([
        rule,
        rows.map((row) => row.id).sort(),
      ]);
  });
});

test("a shop without faults: nothing is found, and what is on hand is the stock of the product", () => {
  const { simulation, found } = generated({ seed: 5, scale: 0.01, faults: 0 });
  expect(Object.values({ ...found.rejects, ...found.warnings }).flat()).toEqual([]);
  const stock = new Map([...simulation.products()].map((each) => [each.id, each.stock]));
  const { kpis } = truthOf(simulation, { ...options, parameters: { days_of_inventory: { limit: 1e6 } } });
  expect(kpis.days_of_inventory.length).toBeGreaterThan(0);
  for (const row of kpis.days_of_inventory) expect(row["on_hand"]).toBe(stock.get(Number(row["product_id"])));
});

test("a shop without rows has every KPI", () => {
  const { found } = generated({ seed: 1, scale: 0, faults: 2 });
  expect(Object.keys(found.kpis)).toHaveLength(38);
  expect(found.rows["silver.orders"]).toBe(0);
});

test("the truth is plain data that survives JSON", () => {
  const { found } = generated({ seed: 1, scale: 0.001, faults: 2 });
  expect(JSON.parse(JSON.stringify(found))).toEqual(found);
});

type Found = ReturnType<typeof truthOf>;

function typeRule({ rejects }: Found, table: string): string {
  const names = Object.keys(rejects).filter((rule) => rule.startsWith(`${table}.invalid_`));
  return (names[0] ?? "").slice(table.length + 1);
}

function rejectedIds({ rejects }: Found, table: string): Set<number> {
  return new Set(Object.entries(rejects).flatMap(([rule, ids]) => (rule.startsWith(`${table}.`) ? ids : [])));
}
