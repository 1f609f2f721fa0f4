/** What happens in the shop fits together, whatever the seed and the days. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { day, dayStart, dayText, planThrough, type ShopPlan, shopPlan } from "../../src/generator/plan.ts";
import { simulate } from "../../src/generator/simulate.ts";
import type { Campaign, Customer, Move, Order, Product } from "../../src/generator/simulation.ts";
import { groupBy } from "./rows.ts";

interface Everything {
  readonly plan: ShopPlan;
  readonly end: number;
  readonly customers: readonly Customer[];
  readonly products: readonly Product[];
  readonly orders: readonly Order[];
  readonly moves: readonly Move[];
  readonly campaigns: readonly Campaign[];
}

function everything(plan: ShopPlan): Everything {
  const shop = simulate(plan);
  return {
    plan,
    end: dayStart(plan.until) + day,
    customers: [...shop.customers()],
    products: [...shop.products()],
    orders: [...shop.orders()],
    moves: [...shop.moves()],
    campaigns: [...shop.campaigns()],
  };
}

const anyPlan = fc
  .record({
    seed: fc.integer({ min: 0, max: 2 ** 40 }),
    scale: fc.constantFrom(0.0001, 0.001, 0.005),
    until: fc.integer({ min: 0, max: 3000 }).map((days) => dayText(dayStart("2020-01-01") + days * day)),
    months: fc.constantFrom(1, 12, 24, 36),
    faults: fc.constant(0),
  })
  .map((options) => shopPlan(options));

function inEveryShop(holds: (shop: Everything) => void, numRuns = 8): void {
  fc.assert(
    fc.property(anyPlan, (plan) => holds(everything(plan))),
    { numRuns },
  );
}

/** For what holds of very many rows: much faster than an `expect` for each. */
function allGood(check: (must: (good: boolean | undefined, what: unknown) => void) => void): void {
  const wrong: unknown[] = [];
  check((good, what) => {
    if (good !== true && wrong.length < 5) wrong.push(what);
  });
  expect(wrong).toEqual([]);
}

const sum = <T>(rows: readonly T[], of: (row: T) => number) =>
  rows.reduce((total, row) => total + of(row), 0);

test("the same options give the same shop, another seed another one", () => {
  const text = (seed: number) =>
    JSON.stringify(everything(shopPlan({ seed, until: "2026-06-30", scale: 0.001 })));
  expect(text(7)).toBe(text(7));
  expect(text(7)).not.toBe(text(8));
  expect(text(2 ** 33 + 7)).not.toBe(text(7));
});

test("a shop that goes on longer is the same shop", () => {
  const short = everything(shopPlan({ until: "2026-01-31", scale: 0.002 }));
  const long = everything(planThrough(short.plan, "2026-06-30"));
  const fixed = ({ id, customerId, orderedAt, totalCents, campaignId, lines }: Order) =>
    JSON.stringify({
      id,
      customerId,
      orderedAt,
      totalCents,
      campaignId,
      products: lines.map((line) => line.productId),
    });
  const known = new Set(short.orders.map((order) => order.id));
  expect(long.orders.filter((order) => known.has(order.id)).map(fixed)).toEqual(short.orders.map(fixed));
  expect(long.moves.slice(0, short.moves.length)).toEqual(short.moves);
  expect(long.orders.length).toBeGreaterThan(short.orders.length);
});

test("numbers go up with time; nothing is later than the last day", () => {
  inEveryShop(({ end, customers, products, orders, moves, campaigns }) => {
    const ascending = (moments: readonly number[]) =>
      moments.every((moment, index) => index === 0 || moment >= (moments[index - 1] ?? 0));
    expect(ascending(customers.map((row) => row.createdAt))).toBe(true);
    expect(ascending(products.map((row) => row.createdAt))).toBe(true);
    expect(ascending(orders.map((row) => row.orderedAt))).toBe(true);
    expect(ascending(moves.map((row) => row.at))).toBe(true);
    expect(ascending(campaigns.map((row) => row.createdAt))).toBe(true);
    expect(moves.map((row) => row.id)).toEqual(moves.map((_, index) => index + 1));
    const lines = orders.flatMap((order) => order.lines);
    for (const { createdAt, updatedAt } of [...customers, ...products, ...orders, ...lines, ...campaigns]) {
      expect(updatedAt).toBeGreaterThanOrEqual(createdAt);
      expect(updatedAt).toBeLessThan(end);
    }
    for (const rows of [customers, products, orders, lines, moves, campaigns])
      expect(rows.length).toBeGreaterThan(0);
  });
});

test("an order adds up to the cent, and its customer and products are there", { timeout: 120_000 }, () => {
  inEveryShop(({ customers, products, orders }) => {
    allGood((must) => {
      for (const order of orders) {
        const gross = sum(order.lines, (line) => line.quantity * line.unitPriceCents);
        must(order.goodsCents === gross - order.discountCents, order);
        must(order.goodsCents === sum(order.lines, (line) => line.totalCents), order);
        must(order.taxCents === sum(order.lines, (line) => line.taxCents), order);
        must(order.totalCents === order.goodsCents + order.taxCents + order.shippingCents, order);
        must((customers[order.customerId - 1]?.registeredAt ?? Infinity) <= order.orderedAt, order);
        for (const line of order.lines) {
          const exact = (line.quantity * line.unitPriceCents * (100 - line.discountPercent)) / 100;
          must(Math.abs(line.totalCents - exact) <= 0.5, line);
          must(Math.abs(line.taxCents - line.totalCents * 0.08) <= 0.5001, line);
          must(line.orderId === order.id, line);
          const product = products[line.productId - 1];
          must((product?.createdAt ?? Infinity) <= order.orderedAt, line);
          must(product?.active || (product?.updatedAt ?? 0) > order.orderedAt, line);
        }
      }
    });
    const lines = orders.flatMap((order) => order.lines);
    expect(new Set(lines.map((line) => line.id)).size).toBe(lines.length);
  });
});

test("a line costs what the product costs at that moment", () => {
  const plan = shopPlan({ until: "2026-03-10", scale: 0.02, faults: 0 });
  const prices = (until: string) =>
    [...simulate(planThrough(plan, until)).products()].map((product) => product.priceCents);
  const [before, after] = [prices("2026-03-09"), prices("2026-03-10")];
  const orders = [...simulate(plan).orders()].filter((order) => order.orderedAt >= dayStart("2026-03-10"));
  const lines = orders.flatMap((order) => order.lines);
  expect(lines.length).toBeGreaterThan(30);
  for (const { productId, unitPriceCents } of lines)
    expect([before[productId - 1], after[productId - 1]]).toContain(unitPriceCents);
  const earlier = prices("2025-03-10");
  const changed = earlier.filter((price, index) => price !== after[index]);
  expect(changed.length / earlier.length).toBeGreaterThan(0.9);
});

test("what an order, a payment and a return may become, and that every change moves the row's cursor", {
  timeout: 240_000,
}, () => {
  const next: Readonly<Record<string, readonly string[]>> = {
    "": ["Pending", "Processing", "Shipped", "Cancelled"],
    Pending: ["Processing", "Shipped", "Delivered", "Cancelled"],
    Processing: ["Shipped", "Delivered", "Cancelled"],
    Shipped: ["Delivered"],
  };
  const nextPayment: Readonly<Record<string, readonly string[]>> = {
    Pending: ["Paid", "Failed"],
    Paid: ["Refunded"],
  };
  const nextReturn: Readonly<Record<string, readonly string[]>> = {
    None: ["Requested"],
    Requested: ["Approved"],
    Approved: ["Completed"],
  };
  const step = (allowed: Readonly<Record<string, readonly string[]>>, from: string, to: string) =>
    from === to || allowed[from]?.includes(to);
  let plan = shopPlan({ until: "2026-01-10", scale: 0.002, seed: 5 });
  let before = everything(plan);
  const seen = new Set<string>();
  for (let index = 0; index < 50; index++) {
    plan = planThrough(plan, dayText(dayStart(plan.until) + day));
    const after = everything(plan);
    const since = dayStart(plan.until);
    const old = new Map(before.orders.map((order) => [order.id, order]));
    allGood((must) => {
      const moved = (was: object | undefined, is: Written | undefined) =>
        must((is?.updatedAt ?? 0) >= since === (JSON.stringify(was) !== JSON.stringify(is)), [was, is]);
      for (const order of after.orders) {
        const was = old.get(order.id);
        if (was === undefined) continue;
        must(step(next, was.status, order.status), `${was.status} -> ${order.status}`);
        must(step(nextPayment, was.paymentStatus, order.paymentStatus), order);
        seen.add(`${was.status} ${order.status}`).add(`${was.paymentStatus} ${order.paymentStatus}`);
        moved({ ...was, lines: [] }, { ...order, lines: [] } as Order);
        for (const [at, line] of order.lines.entries()) {
          const lineWas = was.lines[at];
          must(step(nextReturn, lineWas?.returnStatus ?? "", line.returnStatus), line);
          seen.add(`${lineWas?.returnStatus} ${line.returnStatus}`);
          moved(lineWas, line);
        }
      }
      for (const [at, row] of before.customers.entries()) moved(row, after.customers[at]);
      for (const [at, row] of before.products.entries()) moved(row, after.products[at]);
      for (const [at, row] of before.campaigns.entries()) moved(row, after.campaigns[at]);
    });
    before = after;
  }
  for (const change of ["Processing Shipped", "Shipped Delivered", "Processing Cancelled", "Pending Paid"])
    expect([...seen]).toContain(change);
  for (const change of ["Paid Refunded", "Requested Approved", "Approved Completed"])
    expect([...seen]).toContain(change);
});

interface Written {
  readonly updatedAt: number;
}

test("statuses, payments and returns agree with each other and with the dates", () => {
  inEveryShop(({ end, orders }) =>
    allGood((must) => {
      for (const order of orders) {
        const { status, paymentStatus, fulfilledAt, lines } = order;
        must((fulfilledAt !== null) === (status === "Shipped" || status === "Delivered"), order);
        if (fulfilledAt !== null) {
          const took = fulfilledAt - order.orderedAt;
          must(took >= day && took <= 7 * day && fulfilledAt > order.createdAt, order);
          must(paymentStatus === "Paid" || paymentStatus === "Refunded", order);
        }
        if (status === "Processing") must(paymentStatus === "Paid", order);
        if (order.orderedAt < end - 13 * day) must(status === "Delivered" || status === "Cancelled", order);
        if (paymentStatus === "Failed" && order.createdAt < end - 2 * day)
          must(status === "Cancelled", order);
        const back = lines.every((line) => line.returnStatus === "Completed");
        if (status === "Delivered" && paymentStatus === "Refunded") must(back, order);
        if (back && order.updatedAt < end - day) must(paymentStatus === "Refunded", order);
        for (const line of lines) {
          must((line.returnedAt !== null) === (line.returnStatus === "Completed"), line);
          if (line.returnStatus !== "None") must(status === "Delivered", line);
          if (line.returnedAt !== null) must(line.returnedAt === line.updatedAt, line);
        }
        const late = order.createdAt - order.orderedAt;
        must(late === 0 || (late >= day && late <= 5 * day), order);
      }
    }),
  );
});

test("stock follows the moves and is never negative", () => {
  inEveryShop(({ end, plan, products, orders, moves }) => {
    const stock = new Map<number, number>();
    const warehouse = new Map<number, number>();
    for (const { productId, warehouseId, type, quantity } of moves) {
      const left = (stock.get(productId) ?? 0) + quantity;
      expect(left).toBeGreaterThanOrEqual(0);
      stock.set(productId, left);
      expect(warehouse.get(productId) ?? warehouseId).toBe(warehouseId);
      warehouse.set(productId, warehouseId);
      if (type !== "ADJUSTMENT") expect(quantity > 0).toBe(type === "IN");
    }
    for (const product of products) {
      expect(stock.has(product.id)).toBe(product.tracked);
      if (product.tracked) expect(product.stock).toBe(stock.get(product.id));
    }
    const sold = moves.filter((move) => move.notes === "sale" || move.notes === "return");
    const booked = sold.map((move) => `${move.orderId} ${move.productId} ${move.quantity} ${move.at}`).sort();
    const tracked = new Set(products.filter((row) => row.tracked).map((row) => row.id));
    const expected = orders.flatMap(({ id, fulfilledAt, lines }) =>
      lines
        .filter((line) => tracked.has(line.productId))
        .flatMap(({ productId, quantity, returnedAt }) => [
          ...(fulfilledAt === null ? [] : [`${id} ${productId} ${-quantity} ${fulfilledAt}`]),
          ...(returnedAt === null ? [] : [`${id} ${productId} ${quantity} ${returnedAt}`]),
        ]),
    );
    expect(booked).toEqual(expected.sort());
    expect(moves[0]?.at).toBeGreaterThanOrEqual(dayStart(plan.first));
    expect(moves.at(-1)?.at).toBeLessThan(end);
  }, 12);
});

test("stock runs out now and then", () => {
  const { products } = everything(shopPlan({ until: "2026-06-20", scale: 0.02, faults: 0 }));
  const tracked = products.filter((product) => product.tracked);
  const out = tracked.filter((product) => product.stock === 0);
  expect(out.length).toBeGreaterThan(0);
  expect(out.length / tracked.length).toBeLessThan(0.2);
});

test("campaigns bring what their orders bring", () => {
  inEveryShop(({ customers, orders, campaigns }) => {
    const brought = groupBy(orders, (order) => order.campaignId);
    for (const campaign of campaigns) {
      const all = brought.get(campaign.id) ?? [];
      const good = all.filter((order) => order.status !== "Cancelled");
      expect(campaign.conversions).toBe(good.length);
      expect(campaign.revenueCents).toBe(sum(good, (order) => order.goodsCents));
      expect(campaign.clicks).toBeGreaterThanOrEqual(all.length);
      expect(campaign.impressions).toBeGreaterThanOrEqual(campaign.clicks);
      const roi = ((campaign.revenueCents - campaign.budgetCents) / campaign.budgetCents) * 10_000;
      expect(Math.abs(campaign.roi - roi)).toBeLessThanOrEqual(0.5001);
      const days = (dayStart(campaign.endDate) - dayStart(campaign.startDate)) / day + 1;
      expect(days).toBeGreaterThanOrEqual(7);
      expect(days).toBeLessThanOrEqual(60);
      expect(campaign.createdAt).toBeLessThan(dayStart(campaign.startDate));
      for (const { orderedAt } of all) {
        expect(orderedAt).toBeGreaterThanOrEqual(dayStart(campaign.startDate));
        expect(orderedAt).toBeLessThan(dayStart(campaign.endDate) + day);
      }
    }
    expect(customers.length).toBeGreaterThan(0);
  });
});

test("a shop of scale 0 is empty; options that cannot be are refused by name", () => {
  const shop = everything(shopPlan({ until: "2026-06-30", scale: 0 }));
  for (const rows of [shop.customers, shop.products, shop.orders, shop.moves, shop.campaigns])
    expect(rows).toEqual([]);
  const refused = (options: object) => () => shopPlan({ until: "2026-06-30", ...options });
  expect(refused({ scale: -1 })).toThrow("the scale is -1");
  expect(refused({ seed: 0.5 })).toThrow("the seed is 0.5");
  expect(refused({ months: 0 })).toThrow("the history has 0 months");
  expect(refused({ faults: 101 })).toThrow("101 of 1,000 rows");
  expect(refused({ until: "2026-02-30" })).toThrow('"2026-02-30" is no day');
  expect(refused({ first: "2026-07-01" })).toThrow("the first day 2026-07-01 is after the last day");
});
