import { expect, test } from "vitest";
import { at, move, product, type Rows, truth } from "./hand-made.ts";

/**
 * On hand at the end of the day, by hand; products move last on 06-10:
 * | product  | 01 | 02 | 03 | 04 | 05 | 06 | 07 | 08 | 09 | 10 |
 * |----------|----|----|----|----|----|----|----|----|----|----|
 * | 1 (home) | 10 | 10 | 6  | 6  | 0  | 0  | 0  | 5  | 5  | 5  |
 * | 2 (toys) |    |    |    | 3  | 3  | 3  | 3  | 3  | 3  | 2  |
 * | 4 (toys) |    | 7  | 7  | 7  | 7  | 7  | 7  | 7  | 7  | 7  |
 */
const warehouse: Rows = {
  products: [
    product({ id: 1, name: "Lamp", category: "home", costCents: 200, tracked: true }),
    product({ id: 2, category: "toys", costCents: 1000, active: false, tracked: true }),
    product({ id: 3, category: "tools" }),
    product({ id: 4, name: "Ball", category: "toys", costCents: 100, tracked: true }),
  ],
  moves: [
    move({ id: 1, productId: 1, type: "IN", quantity: 10, at: at("2026-06-01") }),
    move({ id: 2, productId: 4, type: "IN", quantity: 7, at: at("2026-06-01T22:00") }),
    move({ id: 3, productId: 1, type: "OUT", quantity: -4, at: at("2026-06-03") }),
    move({ id: 4, productId: 2, type: "IN", quantity: 3, at: at("2026-06-04") }),
    move({ id: 5, productId: 1, type: "OUT", quantity: -1, at: at("2026-06-05T08:00") }),
    move({ id: 6, productId: 1, type: "OUT", quantity: -5, at: at("2026-06-05T18:00") }),
    move({ id: 7, productId: 1, type: "IN", quantity: 5, at: at("2026-06-08") }),
    move({ id: 8, productId: 2, type: "ADJUSTMENT", quantity: -1, at: at("2026-06-10") }),
    move({ id: 9, productId: 1, type: "IN", quantity: -3, at: at("2026-06-10"), fault: "wrong_sign" }),
    move({ id: 10, productId: 1, type: "OUT", quantity: 3, at: at("2026-06-10"), fault: "wrong_sign" }),
    move({
      id: 11,
      productId: 99,
      type: "IN",
      quantity: 3,
      at: at("2026-06-11"),
      fault: "unknown_product",
    }),
  ],
};

const parameters = {
  inventory_turnover: { days: 10 },
  stock_out_rate: { days: 10 },
  sell_through: { days: 10 },
};
const { kpis, rows } = truth(warehouse, { today: "2026-06-12", parameters });

test("inventory_turnover: eight days of the window have an inventory", () => {
  expect(kpis.inventory_turnover).toEqual([
    {
      category: "Home",
      cost_of_goods_sold: "20.00",
      average_inventory_value: "6.75",
      inventory_turnover: "2.96",
      units_sold: 10,
      average_units: "3.38",
      unit_turnover: "2.96",
    },
    {
      category: "Toys",
      cost_of_goods_sold: "0.00",
      average_inventory_value: "32.00",
      inventory_turnover: "0.00",
      units_sold: 0,
      average_units: "9.50",
      unit_turnover: "0.00",
    },
  ]);
});

test("inventory_turnover: days before the first move count with nothing on hand", () => {
  const { kpis: longer } = truth(warehouse, {
    today: "2026-06-04",
    parameters: { inventory_turnover: { days: 10 } },
  });
  expect(longer.inventory_turnover).toMatchObject([
    { category: "Home", average_units: "3.20", units_sold: 4, unit_turnover: "1.25" },
    { category: "Toys", average_units: "2.40", average_inventory_value: "5.10" },
  ]);
});

test("inventory_turnover: a window after the last inventory day has no average", () => {
  const { kpis: later } = truth(warehouse, {
    today: "2026-06-30",
    parameters: { inventory_turnover: { days: 20 } },
  });
  expect(later.inventory_turnover[0]).toEqual({
    category: "Home",
    cost_of_goods_sold: "0.00",
    average_inventory_value: null,
    inventory_turnover: null,
    units_sold: 0,
    average_units: null,
    unit_turnover: null,
  });
});

test("stock_out_rate: days at zero of active products that moved", () => {
  expect(kpis.stock_out_rate).toEqual([
    { category: "Home", sku_days: 8, stock_out_days: 3, stock_out_percent: "37.50" },
    { category: "Toys", sku_days: 8, stock_out_days: 0, stock_out_percent: "0.00" },
  ]);
});

test("stock_out_rate: no day before the first move", () => {
  expect(truth(warehouse, { today: "2026-06-12" }).kpis.stock_out_rate).toMatchObject([
    { category: "Home", sku_days: 10 },
    { category: "Toys", sku_days: 9 },
  ]);
});

test("sell_through: sold of what was there or came in", () => {
  expect(kpis.sell_through).toEqual([
    {
      category: "Home",
      starting_units: 10,
      received_units: 5,
      sold_units: 10,
      sell_through_percent: "66.67",
    },
    { category: "Toys", starting_units: 7, received_units: 3, sold_units: 0, sell_through_percent: "0.00" },
  ]);
});

test("days_of_inventory: products that are not sold come last", () => {
  expect(kpis.days_of_inventory).toEqual([
    { product_id: 1, product_name: "Lamp", on_hand: 5, daily_units: "0.36", days_of_inventory: "14.0" },
    { product_id: 4, product_name: "Ball", on_hand: 7, daily_units: "0.00", days_of_inventory: null },
  ]);
});

test("days_of_inventory: as of an earlier day; the soonest empty first, ties by product", () => {
  const products = [5, 6, 7].map((id) => product({ id }));
  const moves = [
    move({ id: 1, productId: 7, type: "IN", quantity: 12, at: at("2026-06-01") }),
    move({ id: 2, productId: 6, type: "IN", quantity: 6, at: at("2026-06-01") }),
    move({ id: 3, productId: 5, type: "IN", quantity: 9, at: at("2026-06-01") }),
    move({ id: 4, productId: 7, type: "OUT", quantity: -4, at: at("2026-06-02") }),
    move({ id: 5, productId: 6, type: "OUT", quantity: -2, at: at("2026-06-02") }),
    move({ id: 6, productId: 5, type: "OUT", quantity: -1, at: at("2026-06-02") }),
    move({ id: 7, productId: 5, type: "OUT", quantity: -8, at: at("2026-06-05") }),
  ];
  const { kpis: early } = truth(
    { products, moves },
    { today: "2026-06-03", parameters: { days_of_inventory: { days: 10 } } },
  );
  expect(
    early.days_of_inventory.map((row) => [row["product_id"], row["on_hand"], row["days_of_inventory"]]),
  ).toEqual([
    [6, 4, "20.0"],
    [7, 8, "20.0"],
    [5, 8, "80.0"],
  ]);
});

test("rows of the inventory: a row for each product from its first move to the last day of all", () => {
  expect(rows).toMatchObject({
    "silver.inventory_transactions": 9,
    "gold.agg_inventory_status": 4,
    "gold.inventory_daily": 26,
  });
});

test("moves that were written late count on their own day", () => {
  const { kpis: late } = truth({
    products: [product({ id: 1 })],
    moves: [
      move({ id: 1, productId: 1, type: "IN", quantity: 2, at: at("2026-06-01") }),
      move({ id: 2, productId: 1, type: "IN", quantity: 1, at: at("2026-06-08") }),
      move({ id: 3, productId: 1, type: "OUT", quantity: -2, at: at("2026-06-05") }),
    ],
  });
  expect(late.stock_out_rate).toEqual([
    { category: "Home", sku_days: 8, stock_out_days: 3, stock_out_percent: "37.50" },
  ]);
});
