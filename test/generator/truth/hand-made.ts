/** Small shops made by hand: rows need only the fields that a test is about. Amounts are in whole cents. */
import { shopPlan } from "../../../src/generator/plan.ts";
import type {
  Campaign,
  Customer,
  Move,
  Order,
  OrderLine,
  Product,
  Simulation,
} from "../../../src/generator/simulation.ts";
import { type Truth, type TruthOptions, truthOf } from "../../../src/generator/truth/truth.ts";

export interface Rows {
  readonly customers?: readonly Customer[];
  readonly products?: readonly Product[];
  readonly orders?: readonly Order[];
  readonly moves?: readonly Move[];
  readonly campaigns?: readonly Campaign[];
}

/** The last day and today are 2026-06-30, the timezone is Berlin's, the currency EUR. */
export function truth(rows: Rows, options: Partial<TruthOptions> = {}): Truth {
  return truthOf(shop(rows), {
    currency: "EUR",
    today: "2026-06-30",
    timezone: "Europe/Berlin",
    ...options,
  });
}

export function shop(rows: Rows): Simulation {
  const { customers = [], products = [], orders = [], moves = [], campaigns = [] } = rows;
  return {
    plan: shopPlan({ until: "2026-06-30" }),
    since: Number.NEGATIVE_INFINITY,
    customers: () => customers,
    products: () => products,
    orders: () => orders,
    moves: () => moves,
    campaigns: () => campaigns,
  };
}

/** "2026-06-05" (noon), or "2026-06-05T22:30" -> milliseconds since 1970; both UTC. */
export function at(text: string): number {
  return Date.parse(text.includes("T") ? `${text}Z` : `${text}T12:00Z`);
}

type Given<Of, Required extends keyof Of> = Partial<Of> & Pick<Of, Required>;

export function customer(given: Given<Customer, "id">): Customer {
  return {
    email: `c${given.id}@shop.example`,
    firstName: "Ada",
    lastName: "Berg",
    phone: null,
    birthDate: null,
    registeredAt: at("2026-01-15"),
    segment: "Regular",
    tier: "None",
    country: "DE",
    city: "Ulm",
    postalCode: "89073",
    consent: null,
    lastLoginAt: null,
    accountStatus: "Active",
    createdAt: 0,
    updatedAt: 0,
    ...given,
  };
}

export function product(given: Given<Product, "id">): Product {
  return {
    name: `Product ${given.id}`,
    sku: `SKU-${given.id}`,
    category: "Home",
    subcategory: "",
    brand: "",
    priceCents: 1000,
    costCents: 600,
    tracked: false,
    stock: 100,
    reorderLevel: 10,
    supplierId: 1,
    weightKg: 100,
    dimensionsCm: "1x1x1",
    active: true,
    createdAt: 0,
    updatedAt: 0,
    ...given,
  };
}

/** The line total follows from the other fields unless given. */
export function line(given: Given<OrderLine, "id" | "productId">): OrderLine {
  const { quantity = 1, unitPriceCents = 1000, discountPercent = 0 } = given;
  return {
    orderId: 0,
    quantity,
    unitPriceCents,
    discountPercent,
    totalCents: (unitPriceCents * quantity * (100 - discountPercent)) / 100,
    taxCents: 0,
    returnStatus: "None",
    returnedAt: null,
    createdAt: 0,
    updatedAt: 0,
    ...given,
  };
}

/** The total follows from the lines, tax and shipping unless given; a line of order 0 becomes this order's. */
export function order(given: Given<Order, "id" | "customerId" | "orderedAt">): Order {
  const { lines = [], taxCents = 0, shippingCents = 0 } = given;
  const goodsCents = lines.reduce((sum, { totalCents }) => sum + totalCents, 0);
  return {
    status: "Delivered",
    paymentMethod: "PayPal",
    paymentStatus: "Paid",
    shippingAddress: "",
    billingAddress: "",
    totalCents: goodsCents + taxCents + shippingCents,
    goodsCents,
    discountCents: 0,
    taxCents,
    shippingCents,
    currency: "EUR",
    fulfilledAt: null,
    deliveredAt: null,
    campaignId: null,
    createdAt: given.orderedAt,
    updatedAt: given.orderedAt,
    ...given,
    lines: lines.map((each) => (each.orderId === 0 ? { ...each, orderId: given.id } : each)),
  };
}

export function move(given: Given<Move, "id" | "productId" | "type" | "quantity" | "at">): Move {
  return { warehouseId: 1, orderId: null, notes: "", ...given };
}

/** The return on investment follows from revenue and budget unless given. */
export function campaign(given: Given<Campaign, "id">): Campaign {
  const { budgetCents = 10_000, revenueCents = 0 } = given;
  return {
    name: `Campaign ${given.id}`,
    channel: "EMAIL",
    startDate: "2026-03-01",
    endDate: "2026-03-31",
    budgetCents,
    targetSegment: "All",
    impressions: 0,
    clicks: 0,
    conversions: 0,
    revenueCents,
    roi: budgetCents === 0 ? 0 : Math.round(((revenueCents - budgetCents) / budgetCents) * 10_000),
    createdAt: 0,
    updatedAt: 0,
    ...given,
  };
}
