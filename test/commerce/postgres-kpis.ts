/** What PostgreSQL itself says the KPIs are, for shops that the generator's truth knows nothing about. */
import { readFile } from "node:fs/promises";
import { expect } from "vitest";
import { type CommerceShop, nowOf, plainRow, type Row, todayOf } from "./shop.ts";

export interface PostgresKpiOptions {
  /** Default: the shop's. */
  readonly currency?: string;
  /** Default: the shop's, in the reporting timezone. */
  readonly today?: string;
}

const [, ...parts] = (await readFile(new URL("./postgres-kpis.sql", import.meta.url), "utf8")).split(
  /^-- (?=\w+$)/m,
);
const statements = parts.map((part) => {
  const end = part.indexOf("\n");
  return { name: part.slice(0, end), sql: part.slice(end) };
});
const tables = statements.find(({ name }) => name === "tables")?.sql ?? "";
const kpis = statements.filter(({ name }) => name !== "tables");

/** Names of the KPIs that PostgreSQL knows. */
export const postgresKpiNames: readonly string[] = kpis.map(({ name }) => name);

/** Every KPI over the source tables as they are, by name. */
export async function postgresKpis(
  { postgres: { client }, plan }: CommerceShop,
  { currency = plan.currency, today = todayOf(plan) }: PostgresKpiOptions = {},
): Promise<Readonly<Record<string, readonly Row[]>>> {
  const found: Record<string, readonly Row[]> = {};
  await client.query("BEGIN");
  try {
    const settings = { currency, today, timezone: "Europe/Berlin", now: new Date(nowOf(plan)).toISOString() };
    for (const [name, value] of Object.entries(settings))
      await client.query("SELECT set_config($1, $2, true)", [`kpi.${name}`, value]);
    await client.query(tables);
    for (const { name, sql } of kpis) found[name] = (await client.query<Row>(sql)).rows;
  } finally {
    await client.query("ROLLBACK");
  }
  return found;
}

/** Every query of the template says what PostgreSQL says. */
export async function expectPostgres(shop: CommerceShop, options: PostgresKpiOptions = {}): Promise<void> {
  const wanted = await postgresKpis(shop, options);
  const found: Record<string, readonly Row[]> = {};
  for (const name of postgresKpiNames)
    found[name] = await shop.kpi(name, options as Readonly<Record<string, string>>);
  expect(plain(found)).toEqual(plain(wanted));
}

function plain(all: Readonly<Record<string, readonly Row[]>>): Record<string, readonly Row[]> {
  return Object.fromEntries(Object.entries(all).map(([name, rows]) => [name, rows.map(plainRow)]));
}
