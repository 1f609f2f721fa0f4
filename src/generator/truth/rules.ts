/**
 * Which rows are good. A rule looks at the values that a row shows, not at the fault that was planned for it. A row that breaks
 * several rules is rejected under the first.
 */
import type { FaultyTable } from "../fault-kinds.ts";
import type { Campaign, Customer, Move, Order, OrderLine, Product } from "../simulation.ts";
import { campaignsTable } from "../tables/campaigns.ts";
import { customersTable } from "../tables/customers.ts";
import { inventoryTable } from "../tables/inventory.ts";
import { orderItemsTable } from "../tables/order-items.ts";
import { ordersTable } from "../tables/orders.ts";
import { productsTable } from "../tables/products.ts";
import type { Table } from "../tables/table.ts";

/** The name of a rule, and what breaks it. `end` is the moment (milliseconds) at which the shop's last day ends. */
export type Rule<Row> = readonly [name: string, broken: (row: Row, end: number) => boolean];

/** What makes a row of one table bad. */
export interface Rules<Row> {
  /** Rows that break one go to quarantine. */
  readonly reject: readonly Rule<Row>[];
  /** Rows that break one are reported and stay. Rejected rows are not looked at. */
  readonly warn: readonly Rule<Row>[];
}

/** Text before and after an @, a dot in the part after it, no blanks. */
const address = /^[^@\s]+@[^@\s.]+(\.[^@\s.]+)+$/;

/** An address without what does not tell two apart: blanks around it, and case. */
export function plainAddress(email: string): string {
  return email.trim().toLowerCase();
}

/** Only text files can hold a value of a wrong type. No value of an object shows it, so the fault tells. */
function wrongType<Row extends { readonly fault?: string }>({
  wrongType: { column },
}: Table<Row>): Rule<Row> {
  return [`invalid_${column}`, (row) => row.fault === "wrong_type"];
}

/** Duplicate addresses take two rows to see: `crossWarnings`. */
export const customerRules: Rules<Customer> = {
  reject: [
    wrongType(customersTable),
    ["invalid_email", (customer) => !address.test(plainAddress(customer.email))],
    ["future_registration", (customer, end) => customer.registeredAt >= end],
  ],
  warn: [],
};

/** A price below the cost is odd but possible, so it only warns. */
export const productRules: Rules<Product> = {
  reject: [wrongType(productsTable)],
  warn: [["price_below_cost", (product) => product.priceCents < product.costCents]],
};

/** Of the row alone; whether its customer exists is among `crossWarnings`. */
export const orderRules: Rules<Order> = {
  reject: [
    wrongType(ordersTable),
    ["negative_total", (order) => order.totalCents < 0],
    ["fulfilled_too_early", (order) => order.fulfilledAt !== null && order.fulfilledAt < order.orderedAt],
    ["cancelled_but_fulfilled", (order) => order.status === "Cancelled" && order.fulfilledAt !== null],
    ["future_order_date", (order, end) => order.orderedAt >= end],
  ],
  warn: [],
};

/** Of the row alone; whether order and product exist is among `crossWarnings`. */
export const lineRules: Rules<OrderLine> = {
  reject: [
    wrongType(orderItemsTable),
    ["wrong_line_total", wrongLineTotal],
    ["negative_quantity", (line) => line.quantity < 0],
  ],
  warn: [],
};

/** Of the row alone; whether its product exists is among `crossWarnings`. */
export const moveRules: Rules<Move> = {
  reject: [
    wrongType(inventoryTable),
    [
      "wrong_sign",
      ({ type, quantity }) => (type === "IN" && quantity < 0) || (type === "OUT" && quantity > 0),
    ],
  ],
  warn: [],
};

/** A wrong `roi` can be computed anew, so it only warns. */
export const campaignRules: Rules<Campaign> = {
  reject: [
    wrongType(campaignsTable),
    ["clicks_above_impressions", (campaign) => campaign.clicks > campaign.impressions],
    ["conversions_above_clicks", (campaign) => campaign.conversions > campaign.clicks],
    ["ends_before_start", (campaign) => campaign.endDate < campaign.startDate],
  ],
  warn: [["wrong_roi", wrongRoi]],
};

/** The rules of every table, for their names. */
export const allRules: { readonly [Table in FaultyTable]: Rules<never> } = {
  customers: customerRules,
  products: productRules,
  orders: orderRules,
  order_items: lineRules,
  inventory_transactions: moveRules,
  marketing_campaigns: campaignRules,
};

/** Warnings that look at more than one row; read-facts.ts finds them. */
export const crossWarnings: { readonly [Table in FaultyTable]: readonly string[] } = {
  customers: ["duplicate_email"],
  products: [],
  orders: ["unknown_customer"],
  order_items: ["unknown_order", "unknown_product"],
  inventory_transactions: ["unknown_product"],
  marketing_campaigns: [],
};

/** More than half a cent away from unit price x quantity x (1 - discount). */
function wrongLineTotal(line: OrderLine): boolean {
  const hundredths = line.unitPriceCents * line.quantity * (100 - line.discountPercent);
  return 2 * Math.abs(line.totalCents * 100 - hundredths) > 100;
}

/** More than half of 0.01 % away from (revenue - budget) / budget. Nothing is right or wrong without a budget. */
function wrongRoi(campaign: Campaign): boolean {
  const { budgetCents, revenueCents, roi } = campaign;
  const difference = Math.abs(roi * budgetCents - (revenueCents - budgetCents) * 10_000);
  return budgetCents !== 0 && 2 * difference > budgetCents;
}
