/** Reads a simulated shop: every row once, table by table, rejected rows left out. */
import { dayStart, day as millisecondsOfDay } from "../plan.ts";
import type { Campaign, Order, OrderLine, Simulation } from "../simulation.ts";
import type { FactCustomer, FactLine, FactMove, FactOrder, FactProduct, Facts, Stock } from "./facts.ts";
import { createJudge, type Judge } from "./judge.ts";
import {
  campaignRules,
  customerRules,
  lineRules,
  moveRules,
  orderRules,
  plainAddress,
  productRules,
} from "./rules.ts";
import { titleCase } from "./text.ts";

/** What every part of the reading needs. */
interface Reading {
  readonly simulation: Simulation;
  readonly dayOf: (moment: number) => number;
  readonly judge: Judge;
}

interface FilledOrder extends FactOrder {
  readonly lines: FactLine[];
}

/** `dayOf` gives the reporting day of a moment. About 400 MB for 500,000 orders of three lines. */
export function readFacts(simulation: Simulation, dayOf: (moment: number) => number): Facts {
  const judge = createJudge(dayStart(simulation.plan.until) + millisecondsOfDay);
  const reading = { simulation, dayOf, judge };
  const customers = readCustomers(reading);
  const products = readProducts(reading);
  const orders = readOrders(reading, customers, products);
  const stocks = readStocks(reading, products);
  const lastDays = stocks.map(({ moves }) => moves.at(-1)?.day ?? 0);
  const lastInventoryDay = lastDays.length === 0 ? null : lastDays.reduce((a, b) => Math.max(a, b));
  const campaigns = readCampaigns(reading);
  return { customers, products, orders, stocks, lastInventoryDay, campaigns, verdicts: judge.verdicts };
}

function readCustomers({ simulation, dayOf, judge }: Reading): Map<number, FactCustomer> {
  const customers = new Map<number, FactCustomer>();
  const addresses = new Set<string>();
  for (const customer of simulation.customers()) {
    if (!judge.isGood("customers", customerRules, customer)) continue;
    const address = plainAddress(customer.email);
    if (addresses.has(address)) judge.warn("customers", "duplicate_email", customer);
    addresses.add(address);
    const { id, segment, country } = customer;
    customers.set(id, { id, segment, country, registeredOn: dayOf(customer.registeredAt) });
  }
  return customers;
}

function readProducts({ simulation, judge }: Reading): Map<number, FactProduct> {
  const products = new Map<number, FactProduct>();
  for (const product of simulation.products()) {
    if (!judge.isGood("products", productRules, product)) continue;
    const { id, name, priceCents, costCents, stock, reorderLevel, active } = product;
    const category = titleCase(product.category);
    products.set(id, { id, name, category, priceCents, costCents, stock, reorderLevel, active });
  }
  return products;
}

/** A line may name another order than the one it came with: such lines are given to their order at the end. */
function readOrders(
  reading: Reading,
  customers: ReadonlyMap<number, FactCustomer>,
  products: ReadonlyMap<number, FactProduct>,
): FactOrder[] {
  const { simulation, dayOf, judge } = reading;
  const orders: FilledOrder[] = [];
  const strays: OrderLine[] = [];
  for (const order of simulation.orders()) {
    const isGood = judge.isGood("orders", orderRules, order);
    if (isGood && !customers.has(order.customerId)) judge.warn("orders", "unknown_customer", order);
    const lines = order.lines.filter((line) => judge.isGood("order_items", lineRules, line));
    for (const line of lines)
      if (!products.has(line.productId)) judge.warn("order_items", "unknown_product", line);
    for (const line of lines) if (!isGood || line.orderId !== order.id) strays.push(line);
    const own = lines.filter((line) => line.orderId === order.id);
    if (isGood)
      orders.push(
        factOrder(
          order,
          own.map((line) => factLine(line, products, dayOf)),
          dayOf,
        ),
      );
  }
  const named = new Set(strays.map((line) => line.orderId));
  const linesOf = new Map(orders.filter(({ id }) => named.has(id)).map(({ id, lines }) => [id, lines]));
  for (const line of strays) {
    const lines = linesOf.get(line.orderId);
    if (lines === undefined) judge.warn("order_items", "unknown_order", line);
    else lines.push(factLine(line, products, dayOf));
  }
  return orders;
}

function factOrder(order: Order, lines: FactLine[], dayOf: (moment: number) => number): FilledOrder {
  const { id, customerId, status, paymentMethod, paymentStatus, currency } = order;
  const { orderedAt, totalCents, fulfilledAt, campaignId } = order;
  return {
    id,
    customerId,
    status,
    paymentMethod,
    paymentStatus,
    currency,
    orderedAt,
    day: dayOf(orderedAt),
    counted: status !== "Cancelled" && paymentStatus !== "Failed",
    totalCents,
    netCents: totalCents - order.taxCents - order.shippingCents,
    fulfilledAt,
    campaignId,
    lines,
  };
}

function factLine(
  line: OrderLine,
  products: ReadonlyMap<number, FactProduct>,
  dayOf: (moment: number) => number,
): FactLine {
  const { productId, quantity } = line;
  const returned = line.returnStatus === "Completed";
  return {
    productId,
    product: products.get(productId),
    quantity,
    grossCents: quantity * line.unitPriceCents,
    revenueCents: line.totalCents,
    returned,
    returnedOn: returned && line.returnedAt !== null ? dayOf(line.returnedAt) : null,
  };
}

function readStocks(
  { simulation, dayOf, judge }: Reading,
  products: ReadonlyMap<number, FactProduct>,
): Stock[] {
  const moved = new Map<number, { product: FactProduct; moves: FactMove[] }>();
  for (const move of simulation.moves()) {
    if (!judge.isGood("inventory_transactions", moveRules, move)) continue;
    const product = products.get(move.productId);
    if (product === undefined) {
      judge.warn("inventory_transactions", "unknown_product", move);
      continue;
    }
    const stock = moved.get(move.productId) ?? { product, moves: [] };
    stock.moves.push({ day: dayOf(move.at), type: move.type, quantity: move.quantity });
    moved.set(move.productId, stock);
  }
  const stocks = [...moved.values()];
  for (const { moves } of stocks) moves.sort((a, b) => a.day - b.day);
  return stocks;
}

function readCampaigns({ simulation, judge }: Reading): Map<number, Campaign> {
  const campaigns = new Map<number, Campaign>();
  for (const campaign of simulation.campaigns())
    if (judge.isGood("marketing_campaigns", campaignRules, campaign)) campaigns.set(campaign.id, campaign);
  return campaigns;
}
