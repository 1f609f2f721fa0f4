import { faultOf } from "./faults.ts";
import { day, type ShopPlan } from "./options.ts";
import { type Random, random } from "./random.ts";
import type { TableOf } from "./table.ts";
import { firstNames, lastNames, places } from "./words.ts";

export interface Customer {
  readonly customer_id: number;
  readonly email: string;
  readonly first_name: string;
  readonly last_name: string;
  readonly phone: string | null;
  readonly date_of_birth: string | null;
  readonly registration_date: Date;
  readonly customer_segment: string;
  readonly loyalty_tier: string;
  readonly country: string;
  readonly city: string;
  readonly postal_code: string;
  readonly marketing_consent: boolean | null;
  readonly last_login_date: Date | null;
  readonly account_status: string;
  readonly created_at: Date;
  readonly updated_at: Date;
}

/** Days before the first order during which customers register already. */
const head = 180 * day;

export function customersTable(plan: ShopPlan): TableOf<Customer> {
  return {
    name: "customers",
    key: "customer_id",
    columns: {
      customer_id: "integer NOT NULL",
      email: "varchar(255) NOT NULL UNIQUE",
      first_name: "varchar(100) NOT NULL",
      last_name: "varchar(100) NOT NULL",
      phone: "varchar(50)",
      date_of_birth: "date",
      registration_date: "timestamptz NOT NULL",
      customer_segment: "varchar(20) NOT NULL",
      loyalty_tier: "varchar(20) NOT NULL",
      country: "varchar(100)",
      city: "varchar(100)",
      postal_code: "varchar(20)",
      marketing_consent: "boolean",
      last_login_date: "timestamptz",
      account_status: "varchar(20) NOT NULL",
      created_at: "timestamptz NOT NULL",
      updated_at: "timestamptz NOT NULL",
    },
    constraints: [],
    *rows() {
      for (let id = 1; id <= plan.customers; id++) yield customer(plan, id);
    },
  };
}

/** How many customers are registered at a moment; they register one after the other. At least 1. */
export function registeredAt(plan: ShopPlan, moment: number): number {
  const share = (moment - plan.start + head) / (plan.span + head);
  return Math.max(1, Math.min(plan.customers, Math.floor(share * plan.customers)));
}

function registration(plan: ShopPlan, id: number): number {
  return plan.start - head + Math.floor(((id - 1) / plan.customers) * (plan.span + head));
}

function customer(plan: ShopPlan, id: number): Customer {
  const r = random(plan.seed, "customers", id);
  const fault = faultOf(plan, "customers", id, plan.customers);
  const first = r.pick(firstNames);
  const last = r.pick(lastNames);
  const [country, city] = r.pick(places);
  const registered = registration(plan, id);
  const until = plan.until.getTime();
  const lastLogin = registered + Math.floor(r.next() * (until - registered));
  return {
    customer_id: id,
    email:
      fault === "duplicate_email" ? `  ${emailOf(plan, id - 1).toUpperCase()}` : emailOf(plan, id, fault),
    first_name: first,
    last_name: last,
    phone: r.chance(0.9) ? `+49 ${r.int(150, 179)} ${r.int(1_000_000, 9_999_999)}` : null,
    date_of_birth: r.chance(0.95) ? birthday(r) : null,
    registration_date: new Date(fault === "future_registration" ? until + 30 * day : registered),
    customer_segment: r.weighted([
      ["Premium", 15],
      ["Regular", 70],
      ["New", 15],
    ]),
    loyalty_tier: r.weighted([
      ["Gold", 5],
      ["Silver", 15],
      ["Bronze", 30],
      ["None", 50],
    ]),
    country,
    city,
    postal_code: String(r.int(10_000, 99_999)),
    marketing_consent: r.chance(0.98) ? r.chance(0.6) : null,
    last_login_date: r.chance(0.9) ? new Date(lastLogin) : null,
    account_status: r.weighted([
      ["Active", 85],
      ["Inactive", 10],
      ["Suspended", 5],
    ]),
    created_at: new Date(registered),
    updated_at: new Date(lastLogin),
  };
}

function emailOf(plan: ShopPlan, id: number, fault?: string): string {
  const r = random(plan.seed, "customers", id);
  const name = `${ascii(r.pick(firstNames))}.${ascii(r.pick(lastNames))}.${id}`;
  return fault === "invalid_email" ? `${name}.example.com` : `${name}@example.com`;
}

function ascii(name: string): string {
  return name
    .normalize("NFD")
    .replace(/ß/g, "ss")
    .replace(/ø/g, "o")
    .replace(/[^A-Za-z]/g, "")
    .toLowerCase();
}

function birthday(r: Random): string {
  return new Date(Date.UTC(r.int(1945, 2005), r.int(0, 11), r.int(1, 28))).toISOString().slice(0, 10);
}
