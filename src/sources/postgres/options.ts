/** Options of a PostgreSQL source: what a config file may write, and what comes out complete. */
import { z } from "zod";
import { names, object } from "../../project/issues.ts";
import { count, retries, type Same, secretText, type Takes, tls } from "../../project/options.ts";
import { nameOptions } from "../name-options.ts";
import { schemaPolicy } from "../schema-policy.ts";
import { canBeDataset } from "../table-names.ts";
import type { PostgresSourceSpec, PostgresTableSpec } from "./define.ts";

const table = object({
  key: names().default([]),
  cursor: z.string().optional(),
  columns: z.array(z.string()).nonempty().readonly().optional(),
  safetyWindowSeconds: z.number().nonnegative().default(300),
  safetyWindowUnits: count.or(z.literal(0)).default(1000),
  cursorMax: z.union([z.string().min(1), z.number().int()]).optional(),
  asText: names().default([]),
  retired: names().default([]),
  detectDeletes: z.boolean().default(false),
  where: z.string().optional(),
  from: z.string().min(1).optional(),
  ...nameOptions,
}).refine(({ columns, include }) => columns === undefined || include === undefined, {
  path: ["include"],
  error: "columns and include are the same: give one of them",
});

const tableName = z.string().refine((name) => name === "*" || canBeDataset(name), {
  error: `must be letters, digits, _ and -; read a table of another name with from: { order_items: { from: "Order Items" } }`,
});

/** All options. */
export const options = object({
  url: secretText(),
  schema: z.string().min(1).default("public"),
  tables: z
    .record(tableName, table)
    .refine((tables) => Object.keys(tables).length > 0, "name at least one table")
    .refine((tables) => !["from", "rename"].some((option) => option in (tables["*"] ?? {})), {
      path: ["*"],
      error: "from and rename belong to a single table",
    }),
  exclude: names().optional(),
  names: nameOptions.names,
  schemaPolicy,
  tls: tls.optional(),
  retries,
});

/** Complete options. */
export type PostgresSourceConfig = z.output<typeof options>;

/** Compiles only while the schema takes exactly what define.ts describes. */
export type Checked = Same<
  [Takes<typeof options, PostgresSourceSpec>, Takes<typeof table, PostgresTableSpec>]
>;
