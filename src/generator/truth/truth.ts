/** What a data platform must find out about a simulated shop, computed from the shop's own objects. The definitions: docs/kpis.md. */
import { dayStart, day as millisecondsOfDay } from "../plan.ts";
import type { Simulation } from "../simulation.ts";
import { basketKpis } from "./baskets.ts";
import { campaignKpis } from "./campaigns.ts";
import { customerKpis } from "./customers.ts";
import { dayIn } from "./days.ts";
import { inventoryKpis } from "./inventory.ts";
import type { Findings } from "./judge.ts";
import type { Kpi, Parameters, Row } from "./kpi.ts";
import { orderKpis } from "./orders.ts";
import { productKpis } from "./products.ts";
import { readFacts } from "./read-facts.ts";
import { retentionKpis } from "./retention.ts";
import { rowCounts } from "./row-counts.ts";
import { salesKpis } from "./sales.ts";
import { shopOf } from "./shop.ts";
import { valueKpis } from "./value.ts";

const kpis = {
  ...salesKpis,
  ...customerKpis,
  ...retentionKpis,
  ...valueKpis,
  ...productKpis,
  ...basketKpis,
  ...inventoryKpis,
  ...campaignKpis,
  ...orderKpis,
};

/** One of the figures of docs/kpis.md. */
export type KpiName = keyof typeof kpis;

/** The parameters of each KPI besides `currency` and `today`, with their defaults. */
export const kpiDefaults: Readonly<Record<KpiName, Parameters>> = Object.fromEntries(
  Object.entries(kpis).map(([name, { defaults }]) => [name, defaults]),
) as Record<KpiName, Parameters>;

/** For which day and in which currency to compute. */
export interface TruthOptions {
  /** ISO 4217. Orders in another currency are left out of every KPI of money. */
  readonly currency: string;
  /** "2026-06-30" */
  readonly today: string;
  /** IANA name; days and months are those of this timezone. */
  readonly timezone: string;
  /** Values for parameters of single KPIs, instead of the defaults of docs/kpis.md. */
  readonly parameters?: { readonly [Name in KpiName]?: Partial<(typeof kpis)[Name]["defaults"]> };
}

/** The right answers. */
export interface Truth {
  /** As given. */
  readonly currency: string;
  /** As given. */
  readonly today: string;
  /** As given. */
  readonly timezone: string;
  /** Rows of each KPI, in order. */
  readonly kpis: Readonly<Record<KpiName, readonly Row[]>>;
  /** Rows of each dataset: "silver.orders", "gold.dim_products". */
  readonly rows: Readonly<Record<string, number>>;
  /** Ids of rejected rows by "table.rule". */
  readonly rejects: Findings;
  /** Ids of good rows that are reported, by "table.rule". */
  readonly warnings: Findings;
}

/**
 * Goes through the simulation once. At scale 1 it takes some seconds and some hundred megabytes. Throws `usage` for a day or a
 * timezone that does not exist.
 */
export function truthOf(simulation: Simulation, options: TruthOptions): Truth {
  const { currency, today, timezone, parameters = {} } = options;
  const facts = readFacts(simulation, dayIn(timezone));
  const shop = shopOf(facts, currency, dayStart(today) / millisecondsOfDay);
  const given: Readonly<Record<string, Parameters | undefined>> = parameters;
  const computed = Object.entries<Kpi>(kpis).map(([name, kpi]) => [name, kpi.rows(shop, given[name])]);
  const { rejects, warnings } = facts.verdicts;
  return {
    currency,
    today,
    timezone,
    kpis: Object.fromEntries(computed) as Truth["kpis"],
    rows: rowCounts(facts),
    rejects,
    warnings,
  };
}
