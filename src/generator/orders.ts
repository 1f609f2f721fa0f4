/** Orders and their items. An order's amounts are the sums of its items: total = items - discount + tax + shipping. */
import { customersTable, registeredAt } from "./customers.ts";
import { faultOf } from "./faults.ts";
import { day, type ShopPlan } from "./options.ts";
import { priceOf, productsTable } from "./products.ts";
import { type Random, random } from "./random.ts";
import { amount, type TableOf } from "./table.ts";
import { places, streets } from "./words.ts";

export interface Order {
  readonly order_id: number;
  readonly customer_id: number;
  readonly order_date: Date;
  readonly order_status: string;
  readonly payment_method: string;
  readonly shipping_address: string;
  readonly billing_address: string;
  readonly total_amount: string;
  readonly discount_amount: string;
  readonly tax_amount: string;
  readonly shipping_cost: string;
  readonly currency: string;
  readonly payment_status: string;
  readonly fulfillment_date: Date | null;
  readonly created_at: Date;
  readonly updated_at: Date;
}

export interface OrderItem {
  readonly order_item_id: number;
  readonly order_id: number;
  readonly product_id: number;
  readonly quantity: number;
  readonly unit_price: string;
  readonly discount_percentage: string;
  readonly line_total: string;
  readonly tax_amount: string;
  readonly return_status: string;
  readonly created_at: Date;
}

export function ordersTable(plan: ShopPlan): TableOf<Order> {
  return {
    name: "orders",
    key: "order_id",
    columns: {
      order_id: "bigint NOT NULL",
      customer_id: `integer NOT NULL REFERENCES ${customersTable(plan).name}`,
      order_date: "timestamptz NOT NULL",
      order_status: "varchar(20) NOT NULL",
      payment_method: "varchar(20) NOT NULL",
      shipping_address: "text",
      billing_address: "text",
      total_amount: "numeric(12,2) NOT NULL",
      discount_amount: "numeric(12,2) NOT NULL",
      tax_amount: "numeric(12,2) NOT NULL",
      shipping_cost: "numeric(12,2) NOT NULL",
      currency: "char(3) NOT NULL",
      payment_status: "varchar(20) NOT NULL",
      fulfillment_date: "timestamptz",
      created_at: "timestamptz NOT NULL",
      updated_at: "timestamptz NOT NULL",
    },
    constraints: ["CHECK (total_amount >= 0)", "CHECK (fulfillment_date >= order_date)"],
    *rows() {
      for (let id = 1; id <= plan.orders; id++) yield order(plan, id);
    },
  };
}

export function orderItemsTable(plan: ShopPlan): TableOf<OrderItem> {
  return {
    name: "order_items",
    key: "order_item_id",
    columns: {
      order_item_id: "bigint NOT NULL",
      order_id: "bigint NOT NULL",
      product_id: `integer NOT NULL REFERENCES ${productsTable(plan).name}`,
      quantity: "integer NOT NULL CHECK (quantity > 0)",
      unit_price: "numeric(10,2) NOT NULL CHECK (unit_price >= 0)",
      discount_percentage: "numeric(5,2) NOT NULL CHECK (discount_percentage BETWEEN 0 AND 100)",
      line_total: "numeric(12,2) NOT NULL",
      tax_amount: "numeric(12,2) NOT NULL",
      return_status: "varchar(20) NOT NULL",
      created_at: "timestamptz NOT NULL",
    },
    constraints: ["FOREIGN KEY (order_id) REFERENCES orders"],
    *rows() {
      for (let id = 1; id <= plan.orders; id++) yield* orderItems(plan, id);
    },
  };
}

/** No order has more items; item numbers are (order - 1) * 5 + 1 and following, so that each is known without the others. */
const mostItems = 5;

interface Line {
  readonly product: number;
  readonly quantity: number;
  readonly price: number;
  readonly percent: number;
  /** Cents after discount. */
  readonly total: number;
  readonly tax: number;
  readonly returned: string;
}

function lines(plan: ShopPlan, id: number): Line[] {
  const r = random(plan.seed, "order_items", id);
  const count = r.weighted([
    [1, 35],
    [2, 25],
    [3, 20],
    [4, 12],
    [mostItems, 8],
  ]);
  return Array.from({ length: count }, () => {
    const product = 1 + Math.floor(plan.products * r.next() ** 2);
    const quantity = r.weighted([
      [1, 70],
      [2, 20],
      [3, 10],
    ]);
    const percent = r.weighted([
      [0, 60],
      [5, 20],
      [10, 10],
      [15, 5],
      [20, 5],
    ]);
    const price = priceOf(plan, product);
    const total = Math.round((price * quantity * (100 - percent)) / 100);
    const returned = r.weighted([
      ["None", 95],
      ["Requested", 2],
      ["Approved", 2],
      ["Completed", 1],
    ]);
    return { product, quantity, price, percent, total, tax: Math.round(total * 0.08), returned };
  });
}

function order(plan: ShopPlan, id: number): Order {
  const r = random(plan.seed, "orders", id);
  const fault = faultOf(plan, "orders", id, plan.orders);
  const placed = placedAt(plan, id);
  const items = lines(plan, id);
  const sum = (of: (line: Line) => number) => items.reduce((total, line) => total + of(line), 0);
  const net = sum((line) => line.total);
  const tax = sum((line) => line.tax);
  const shipping = net >= 5000 ? 0 : 499;
  const { status, fulfilled, changed } = progress(plan, placed, r);
  const address = `${r.pick(streets)} ${r.int(1, 200)}, ${r.int(10_000, 99_999)} ${r.pick(places)[1]}`;
  return {
    order_id: id,
    customer_id: 1 + Math.floor(registeredAt(plan, placed) * r.next() ** 1.5),
    order_date: new Date(placed),
    order_status: status,
    payment_method: r.weighted([
      ["Credit Card", 45],
      ["PayPal", 30],
      ["Debit Card", 15],
      ["Bank Transfer", 10],
    ]),
    shipping_address: address,
    billing_address: address,
    total_amount: amount((net + tax + shipping) * (fault === "negative_total" ? -1 : 1)),
    discount_amount: amount(sum((line) => line.price * line.quantity) - net),
    tax_amount: amount(tax),
    shipping_cost: amount(shipping),
    currency: plan.currency,
    payment_status: paymentStatus(status, r),
    fulfillment_date: fault === "fulfilled_too_early" ? new Date(placed - 2 * day) : fulfilled,
    created_at: new Date(placed),
    updated_at: new Date(changed),
  };
}

function* orderItems(plan: ShopPlan, order_id: number): Generator<OrderItem> {
  const created_at = new Date(placedAt(plan, order_id));
  let order_item_id = (order_id - 1) * mostItems;
  for (const line of lines(plan, order_id)) {
    order_item_id++;
    const first = order_item_id % mostItems === 1;
    const fault = first ? faultOf(plan, "order_items", order_id, plan.orders) : undefined;
    yield {
      order_item_id,
      order_id: fault === "orphan" ? order_id + plan.orders * 10 : order_id,
      product_id: line.product,
      quantity: line.quantity,
      unit_price: amount(line.price),
      discount_percentage: `${line.percent}.00`,
      line_total: amount(line.total + (fault === "wrong_line_total" ? 1000 : 0)),
      tax_amount: amount(line.tax),
      return_status: line.returned,
      created_at,
    };
  }
}

/** Orders come one after the other, more of them as the shop grows, and most of them between 8 and 22 o'clock. */
function placedAt(plan: ShopPlan, id: number): number {
  const r = random(plan.seed, "placed", id);
  const moment = plan.start + plan.span * ((id - 1 + r.next()) / plan.orders) ** 0.75;
  const midnight = Math.floor(moment / day) * day;
  const hour = r.chance(0.85) ? r.int(8, 21) : r.int(0, 23);
  return Math.min(midnight + hour * 3_600_000 + r.int(0, 3_599_999), plan.until.getTime() - 1);
}

/** Orders move from Pending to Delivered as days pass; one in twenty is cancelled. */
function progress(plan: ShopPlan, placed: number, r: Random) {
  const until = plan.until.getTime();
  const handled = placed + Math.floor((0.2 + 0.8 * r.next()) * day);
  const shipped = placed + Math.floor((1 + 6 * r.next()) * day);
  const delivered = shipped + Math.floor((1 + 3 * r.next()) * day);
  if (r.chance(0.05) && handled < until) return { status: "Cancelled", fulfilled: null, changed: handled };
  if (handled >= until) return { status: "Pending", fulfilled: null, changed: placed };
  if (shipped >= until) return { status: "Processing", fulfilled: null, changed: handled };
  const fulfilled = new Date(shipped);
  if (delivered >= until) return { status: "Shipped", fulfilled, changed: shipped };
  return { status: "Delivered", fulfilled, changed: delivered };
}

function paymentStatus(orderStatus: string, r: Random): string {
  if (orderStatus === "Cancelled") return r.pick(["Refunded", "Failed"]);
  if (orderStatus === "Pending") return "Pending";
  return r.weighted([
    ["Paid", 98],
    ["Refunded", 2],
  ]);
}
