import { expect, test } from "vitest";
import { at, line, order, product, truth } from "./hand-made.ts";
import { smallShop } from "./small-shop.ts";

const { kpis } = truth(smallShop);

test("top_categories: title case, one category for unknown products", () => {
  expect(kpis.top_categories).toEqual([
    {
      category: "Home & Garden",
      units: 8,
      gross_sales: "110.00",
      discounts: "5.50",
      returns: "36.00",
      net_sales: "68.50",
      share_percent: "57.81",
    },
    {
      category: "Unknown",
      units: 1,
      gross_sales: "30.00",
      discounts: "0.00",
      returns: "0.00",
      net_sales: "30.00",
      share_percent: "25.32",
    },
    {
      category: "Sports",
      units: 1,
      gross_sales: "20.00",
      discounts: "0.00",
      returns: "0.00",
      net_sales: "20.00",
      share_percent: "16.88",
    },
  ]);
});

test("top_categories: the share is of all categories, also those beyond the limit", () => {
  const first = truth(smallShop, { parameters: { top_categories: { limit: 1 } } }).kpis.top_categories;
  expect(first.map((row) => row["share_percent"])).toEqual(["57.81"]);
});

test("top_products", () => {
  const garden = { category: "Home & Garden" };
  expect(kpis.top_products).toEqual([
    {
      product_id: 1,
      product_name: "Lamp",
      ...garden,
      units: 7,
      gross_sales: "70.00",
      discounts: "1.50",
      returns: "0.00",
      net_sales: "68.50",
    },
    {
      product_id: 99,
      product_name: "Unknown",
      category: "Unknown",
      units: 1,
      gross_sales: "30.00",
      discounts: "0.00",
      returns: "0.00",
      net_sales: "30.00",
    },
    {
      product_id: 3,
      product_name: "Ball",
      category: "Sports",
      units: 1,
      gross_sales: "20.00",
      discounts: "0.00",
      returns: "0.00",
      net_sales: "20.00",
    },
    {
      product_id: 2,
      product_name: "Chair",
      ...garden,
      units: 1,
      gross_sales: "40.00",
      discounts: "4.00",
      returns: "36.00",
      net_sales: "0.00",
    },
  ]);
});

test("products_by_category", () => {
  expect(kpis.products_by_category).toEqual([
    {
      category: "Home & Garden",
      products: 2,
      active_products: 2,
      inactive_products: 0,
      average_price: "25.00",
      lowest_price: "10.00",
      highest_price: "40.00",
    },
    {
      category: "Sports",
      products: 2,
      active_products: 1,
      inactive_products: 1,
      average_price: "12.50",
      lowest_price: "5.00",
      highest_price: "20.00",
    },
  ]);
});

test("low_stock: at or below the reorder level, active ones only", () => {
  expect(kpis.low_stock).toEqual([
    {
      product_id: 2,
      product_name: "Chair",
      category: "Home & Garden",
      current_stock: 0,
      reorder_level: 2,
      stock_status: "Out of Stock",
    },
    {
      product_id: 1,
      product_name: "Lamp",
      category: "Home & Garden",
      current_stock: 5,
      reorder_level: 5,
      stock_status: "Low Stock",
    },
  ]);
});

test("abc_classes: the class is decided by what is sold before a product", () => {
  expect(kpis.abc_classes).toEqual([
    { class: "A", products: 2, net_sales: "98.50", share_percent: "83.12" },
    { class: "B", products: 1, net_sales: "20.00", share_percent: "16.88" },
    { class: "C", products: 1, net_sales: "0.00", share_percent: "0.00" },
  ]);
});

test("abc_classes: exactly 80 % and 95 % before a product are too much", () => {
  const orders = [8000, 1500, 500].map((unitPriceCents, index) =>
    order({
      id: index + 1,
      customerId: 1,
      orderedAt: at("2026-06-01"),
      lines: [line({ id: index + 1, productId: index + 1, unitPriceCents })],
    }),
  );
  expect(truth({ orders }).kpis.abc_classes.map((row) => [row["class"], row["net_sales"]])).toEqual([
    ["A", "80.00"],
    ["B", "15.00"],
    ["C", "5.00"],
  ]);
});

test("return_rate: orders of the last mature_days are too young to tell", () => {
  expect(kpis.return_rate).toEqual([
    {
      category: "Home & Garden",
      units_sold: 3,
      units_returned: 0,
      return_percent: "0.00",
      value_return_percent: "0.00",
    },
  ]);
  const { kpis: younger } = truth(smallShop, { parameters: { return_rate: { mature_days: 25 } } });
  const kept = { units_sold: 1, units_returned: 0, return_percent: "0.00", value_return_percent: "0.00" };
  expect(younger.return_rate).toEqual([
    {
      category: "Home & Garden",
      units_sold: 8,
      units_returned: 1,
      return_percent: "12.50",
      value_return_percent: "34.45",
    },
    { category: "Sports", ...kept },
    { category: "Unknown", ...kept },
  ]);
});

test("category names: letters after a blank, a hyphen or an ampersand are large", () => {
  const names = ["toys&games", "DO-IT-YOURSELF", "  büro ", "3d druck", "été"];
  const { kpis: named } = truth({
    products: names.map((category, index) => product({ id: index + 1, category })),
  });
  expect(named.products_by_category.map((row) => row["category"])).toEqual([
    "3d Druck",
    "Büro",
    "Do-It-Yourself",
    "Toys&Games",
    "Été",
  ]);
});

test("top_products and abc_classes: equal sales by product", () => {
  const orders = [12, 9, 10].map((productId, index) =>
    order({
      id: index + 1,
      customerId: 1,
      orderedAt: at("2026-06-01"),
      lines: [line({ id: index + 1, productId })],
    }),
  );
  const { kpis: ties } = truth({ orders }, { parameters: { top_products: { limit: 2 } } });
  expect(ties.top_products.map((row) => row["product_id"])).toEqual([9, 10]);
  expect(ties.abc_classes.map((row) => row["products"])).toEqual([3]);
});

test("products_by_category: the largest first", () => {
  const products = ["toys", "books", "toys"].map((category, index) => product({ id: index + 1, category }));
  const { kpis: sized } = truth({ products });
  expect(sized.products_by_category.map((row) => [row["category"], row["products"]])).toEqual([
    ["Toys", 2],
    ["Books", 1],
  ]);
});
