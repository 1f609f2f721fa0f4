/** The commerce template on a generated shop, and the truth about that shop to hold it against. */
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import {
  day as millisecondsOfDay,
  type ShopOptions,
  type ShopPlan,
  shopPlan,
} from "../../src/generator/plan.ts";
import { bringPostgresOn } from "../../src/generator/postgres/bring-on.ts";
import { loadPostgres } from "../../src/generator/postgres/load.ts";
import { simulate } from "../../src/generator/simulate.ts";
import { type Truth, truthOf } from "../../src/generator/truth/truth.ts";
import { type OpenedProject, openProject } from "../../src/host/open.ts";
import { createPlan, type PlanOptions, type RunReport } from "../../src/pipeline/index.ts";
import { runPlan } from "../../src/runs/index.ts";
import type { TestPostgres } from "../postgres.ts";

const template = fileURLToPath(new URL("../../templates/commerce", import.meta.url));
const timezone = "Europe/Berlin";

export type Row = Readonly<Record<string, unknown>>;

/** Where the shop's rows are. */
export interface ShopPlace {
  readonly env: Readonly<Record<string, string>>;
  /** `dir`: the project's folder. */
  load(plan: ShopPlan, dir: string): Promise<void>;
  bringOn(until: string, dir: string): Promise<void>;
}

export interface TemplateShop {
  readonly dir: string;
  readonly project: OpenedProject;
  /** The shop as it is now; its clock stands half an hour after the end of `plan.until` (UTC). */
  readonly plan: ShopPlan;
  readonly env: Readonly<Record<string, string>>;
  run(options?: PlanOptions): Promise<RunReport>;
  /** Brings the shop, and the clock, one day on. */
  nextDay(): Promise<void>;
  /** Closes the project and opens it again. */
  reopen(): Promise<void>;
  rows(sql: string): Promise<readonly Row[]>;
  kpi(name: string, params?: Readonly<Record<string, string>>): Promise<readonly Row[]>;
  truth(): Truth;
  stop(): Promise<void>;
}

export interface CommerceShop extends TemplateShop {
  readonly postgres: TestPostgres;
}

export interface CommerceOptions extends ShopOptions {
  /** Text in place of text in shoplake.config.ts. */
  readonly config?: readonly (readonly [string, string])[];
  readonly env?: Readonly<Record<string, string>>;
}

/** The template as it is: its shop is in PostgreSQL. */
export async function openCommerce(
  postgres: TestPostgres,
  { env = {}, ...options }: CommerceOptions,
): Promise<CommerceShop> {
  const place: ShopPlace = {
    env: { SHOP_DATABASE_URL: postgres.url, ...env },
    load: async (plan) => void (await loadPostgres(postgres.url, plan)),
    bringOn: async (until) => void (await bringPostgresOn(postgres.url, until)),
  };
  return Object.assign(await openTemplate(place, options), { postgres });
}

export async function openTemplate(
  { env, load, bringOn }: ShopPlace,
  { config = [], ...options }: Omit<CommerceOptions, "env">,
): Promise<TemplateShop> {
  let plan = shopPlan(options);
  const dir = await mkdtemp(join(tmpdir(), "shoplake-commerce-"));
  await cp(template, dir, { recursive: true });
  await load(plan, dir);
  const file = join(dir, "shoplake.config.ts");
  await writeFile(file, replaced(await readFile(file, "utf8"), config));
  const clock = () => new Date(nowOf(plan));
  const open = () => openProject({ dir, env: { ...process.env, ...env }, clock });
  let project = await open();

  const kpi: CommerceShop["kpi"] = async (name, params = {}) => {
    const query = project.catalogue.project.queries.find((each) => each.name === `kpi/${name}`);
    if (query === undefined) throw new Error(`no query kpi/${name}`);
    const known: Readonly<Record<string, string>> = {
      currency: plan.currency,
      timezone,
      today: todayOf(plan),
      ...params,
    };
    const values = Object.entries(query.parameters).map(([key, { default: value }]) => [
      key,
      params[key] ?? value ?? known[key],
    ]);
    return project.host.engine.rows<Row>(query.sql, { params: Object.fromEntries(values) });
  };

  return {
    dir,
    env,
    get project() {
      return project;
    },
    get plan() {
      return plan;
    },
    kpi,
    run: async (given = {}) => runPlan(project, await createPlan(project, given)),
    async nextDay() {
      const until = new Date(nowOf(plan)).toISOString().slice(0, 10);
      await bringOn(until, dir);
      plan = { ...plan, until };
    },
    async reopen() {
      await project.close();
      project = await open();
    },
    rows: (sql) => project.host.engine.rows<Row>(sql),
    truth: () => truthOf(simulate(plan), { currency: plan.currency, today: todayOf(plan), timezone }),
    async stop() {
      await project.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** Half an hour after the shop's last day, UTC. */
export function nowOf({ until }: Pick<ShopPlan, "until">): number {
  return Date.parse(`${until}T00:30:00Z`) + millisecondsOfDay;
}

/** The day in the reporting timezone. */
export function todayOf(plan: ShopPlan): string {
  return new Intl.DateTimeFormat("en-CA", { timeZone: timezone }).format(nowOf(plan));
}

function replaced(text: string, pairs: readonly (readonly [string, string])[]): string {
  return pairs.reduce((all, [from, to]) => {
    if (!all.includes(from)) throw new Error(`the template does not hold: ${from}`);
    return all.replace(from, to);
  }, text);
}

/** Which rule of the template stands in which source table of the truth. */
const tableOf: Readonly<Record<string, string>> = {
  customer_versions: "customers",
  product_versions: "products",
};

/** A failed task shows why. */
export function expectSuccess(report: RunReport): void {
  const failed = report.tasks.filter(({ state }) => state !== "success");
  expect(
    failed.map(({ dataset, error, checks }) => [
      dataset,
      error?.message,
      checks.filter(({ success }) => !success),
    ]),
  ).toEqual([]);
  for (const { dataset, counts } of report.tasks)
    expect([dataset, counts.read]).toEqual([
      dataset,
      counts.published + counts.rejected + counts.deduplicated,
    ]);
}

/** Every KPI, every reject, every row count of the truth is what the platform has. */
export async function expectTruth(shop: TemplateShop, truth: Truth = shop.truth()): Promise<void> {
  const { currency, today, timezone } = truth;
  const ours: Record<string, readonly Row[]> = {};
  for (const name of Object.keys(truth.kpis))
    ours[name] = (await shop.kpi(name, { currency, today, timezone })).map(plainRow);
  const wanted = Object.fromEntries(
    Object.entries(truth.kpis).map(([name, rows]) => [name, rows.map(plainRow)]),
  );
  expect(ours).toEqual(wanted);
  expect(await rowCounts(shop, Object.keys(truth.rows))).toEqual(truth.rows);
  expect(await openRejects(shop)).toEqual(counted(truth.rejects));
}

/** Numbers by value: "12.50", 12.5 and "12.5" are one number. */
export function plainRow(row: Row): Row {
  return Object.fromEntries(Object.entries(row).map(([key, value]) => [key, plainValue(value)]));
}

function plainValue(value: unknown): unknown {
  const text = String(value);
  if (value === null || !/^-?\d+(\.\d+)?$/.test(text)) return value;
  return text.includes(".") ? text.replace(/\.?0+$/, "").replace(/^-0$/, "0") : text;
}

async function rowCounts(shop: TemplateShop, datasets: readonly string[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const dataset of datasets)
    counts[dataset] = Number((await shop.rows(`SELECT count() AS n FROM ${dataset}`))[0]?.["n"]);
  return counts;
}

/** "orders.negative_total" -> how many rows of the shop, each counted once however many versions of it were rejected. */
async function openRejects(shop: TemplateShop): Promise<Record<string, number>> {
  // A customer who stays bad from one version to the next is one: the first column of each key is the shop's number.
  const rows = await shop.rows(
    "SELECT splitByChar('.', dataset)[2] AS name, rule, uniqExact(splitByString(', ', key)[1]) AS n FROM ops.quarantine WHERE status = 'open' GROUP BY ALL",
  );
  return Object.fromEntries(
    rows.map(({ name, rule, n }) => {
      const table = tableOf[String(name)] ?? String(name).replace(/^shop_/, "");
      return [`${table}.${rule}`, Number(n)];
    }),
  );
}

function counted(findings: Readonly<Record<string, readonly unknown[]>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(findings).flatMap(([rule, ids]) => (ids.length === 0 ? [] : [[rule, ids.length]])),
  );
}

/** What the checks of the template found, under the names of the truth's warnings. */
export function warningsOf(report: RunReport): Record<string, number> {
  const names: Readonly<Record<string, string>> = {
    "silver.customers unique_email": "customers.duplicate_email",
    "silver.products checks/products_sold_below_cost": "products.price_below_cost",
    "silver.marketing_campaigns checks/campaign_roi": "marketing_campaigns.wrong_roi",
    "silver.orders relationships_customer_id": "orders.unknown_customer",
    "silver.order_items checks/lines_without_order": "order_items.unknown_order",
    "silver.order_items relationships_product_id": "order_items.unknown_product",
    "silver.inventory_transactions relationships_product_id": "inventory_transactions.unknown_product",
  };
  const found = report.tasks.flatMap(({ dataset, checks }) =>
    checks.map((check) => [names[`${dataset} ${check.name}`], check.unexpected_count] as const),
  );
  return Object.fromEntries(found.flatMap(([name, n]) => (name === undefined || n === 0 ? [] : [[name, n]])));
}

export function wantedWarnings(truth: Truth): Record<string, number> {
  return counted(truth.warnings);
}
