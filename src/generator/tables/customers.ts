import type { Customer } from "../simulation.ts";
import { instant, instantOrNull, type Table } from "./table.ts";

/** One row a customer who has registered. */
export const customersTable: Table<Customer> = {
  name: "customers",
  key: "customer_id",
  cursor: "updated_at",
  columns: {
    customer_id: { type: "integer NOT NULL", value: (row) => row.id },
    email: { type: "varchar(255) NOT NULL", value: (row) => row.email },
    first_name: { type: "varchar(100) NOT NULL", value: (row) => row.firstName },
    last_name: { type: "varchar(100) NOT NULL", value: (row) => row.lastName },
    phone: { type: "varchar(50)", value: (row) => row.phone },
    date_of_birth: { type: "date", value: (row) => row.birthDate },
    registration_date: { type: "timestamptz NOT NULL", value: (row) => instant(row.registeredAt) },
    customer_segment: { type: "varchar(20) NOT NULL", value: (row) => row.segment },
    loyalty_tier: { type: "varchar(20) NOT NULL", value: (row) => row.tier },
    country: { type: "varchar(100)", value: (row) => row.country },
    city: { type: "varchar(100)", value: (row) => row.city },
    postal_code: { type: "varchar(20)", value: (row) => row.postalCode },
    marketing_consent: { type: "boolean", value: (row) => row.consent },
    last_login_date: { type: "timestamptz", value: (row) => instantOrNull(row.lastLoginAt) },
    account_status: { type: "varchar(20) NOT NULL", value: (row) => row.accountStatus },
    created_at: { type: "timestamptz NOT NULL", value: (row) => instant(row.createdAt) },
    updated_at: { type: "timestamptz NOT NULL", value: (row) => instant(row.updatedAt) },
  },
  constraints: [{ sql: "UNIQUE (email)" }],
  wrongType: { column: "registration_date", value: "soon" },
  optional: "phone",
};
