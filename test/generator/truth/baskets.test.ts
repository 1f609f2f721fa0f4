import { expect, test } from "vitest";
import { at, line, order, truth } from "./hand-made.ts";

const basket = (id: number, day: string, ...products: number[]) =>
  order({
    id,
    customerId: id,
    orderedAt: at(day),
    lines: products.map((productId, index) => line({ id: id * 10 + index, productId })),
  });

const orders = [
  basket(1, "2026-06-01", 2, 1),
  basket(2, "2026-06-02", 1, 2, 3),
  basket(3, "2026-06-03", 1),
  basket(4, "2026-06-04", 2, 2, 1),
  basket(5, "2026-06-05"),
  basket(6, "2026-04-01", 1, 2),
];

test("basket_pairs: each order once, orders without lines not at all", () => {
  expect(truth({ orders }).kpis.basket_pairs).toEqual([
    {
      product_a: 1,
      product_b: 2,
      orders: 3,
      support_percent: "75.00",
      confidence_percent: "75.00",
      lift: "1.00",
    },
    {
      product_a: 1,
      product_b: 3,
      orders: 1,
      support_percent: "25.00",
      confidence_percent: "25.00",
      lift: "1.00",
    },
    {
      product_a: 2,
      product_b: 3,
      orders: 1,
      support_percent: "25.00",
      confidence_percent: "33.33",
      lift: "1.33",
    },
  ]);
});

test("basket_pairs: the window, and the limit", () => {
  const parameters = { basket_pairs: { days: 91, limit: 1 } };
  const [first, ...rest] = truth({ orders }, { parameters }).kpis.basket_pairs;
  expect(first).toMatchObject({ product_a: 1, product_b: 2, orders: 4, support_percent: "80.00" });
  expect(rest).toEqual([]);
});
