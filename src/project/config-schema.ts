/** What a shoplake.config.ts may hold, and the complete configuration that comes out: no default is left to others. */
import { availableParallelism } from "node:os";
import { z } from "zod";
import { names, object } from "./issues.ts";
import type { Secret } from "./project.ts";
import { isSecret, secret } from "./secret.ts";

/** A plain text; a value from the environment is taken out of its wrapping. */
function text() {
  return z.preprocess((value) => (isSecret(value) ? value.reveal() : value), z.string().min(1));
}

function secretText() {
  return z.preprocess(
    (value) => (typeof value === "string" && value !== "" ? secret(value) : value),
    z.custom<Secret>(isSecret, "expected a text, best from env(...)"),
  );
}

const identifier = z
  .string()
  .regex(/^[a-z][a-z0-9_]*$/, "must be lower-case letters, digits and _, starting with a letter");
const plainName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]*$/, "must be letters, digits, _ and -, starting with a letter or digit");
const count = z.number().int().positive();
const schemaPolicy = z.enum(["evolve", "freeze", "fail"]).default("evolve");

const s3 = {
  endpoint: text(),
  region: text().default("us-east-1"),
  accessKeyId: secretText(),
  secretAccessKey: secretText(),
};

const tls = object({ ca: text().optional(), rejectUnauthorized: z.boolean().default(true) });

const postgresTable = object({
  key: names().default([]),
  cursor: z.string().optional(),
  columns: z.array(z.string()).nonempty().optional(),
  safetyWindowSeconds: z.number().nonnegative().default(300),
  safetyWindowUnits: count.or(z.literal(0)).default(1000),
  asText: names().default([]),
  retired: names().default([]),
  detectDeletes: z.boolean().default(false),
  where: z.string().optional(),
});

/** Complete options of a `postgres` source, as sources find them in `Project.sources`. */
export const postgresSource = object({
  url: secretText(),
  schema: z.string().min(1).default("public"),
  tables: z
    .record(z.string().min(1), postgresTable)
    .refine((tables) => Object.keys(tables).length > 0, "name at least one table"),
  schemaPolicy,
  tls: tls.optional(),
  retries: z.number().int().nonnegative().default(3),
});
export type PostgresSourceConfig = z.output<typeof postgresSource>;

/** Complete options of a `postgres` sink. */
export const postgresSink = object({
  url: secretText(),
  schema: z.string().min(1),
  select: z.string().min(1).default("gold"),
  tables: z.record(z.string(), z.string().min(1)).default({}),
  tls: tls.optional(),
  retries: z.number().int().nonnegative().default(3),
});
export type PostgresSinkConfig = z.output<typeof postgresSink>;

const filesTable = {
  key: names().default([]),
  cursor: z.string().optional(),
  types: z.record(z.string().min(1), z.string().min(1)).default({}),
  columns: z.array(z.string().min(1)).nonempty().optional(),
};

/** Complete options of a `files` source: with `tables` each of these has its own key, cursor, types and columns. */
export const filesSource = object({
  path: text(),
  format: z.enum(["csv", "tsv", "jsonl", "json", "parquet"]),
  table: identifier.optional(),
  tables: z
    .record(identifier, object(filesTable))
    .refine((tables) => Object.keys(tables).length > 0, "name at least one table")
    .optional(),
  ...filesTable,
  header: z.boolean().default(true),
  delimiter: z.string().length(1, "must be one character").optional(),
  quote: z.string().length(1, "must be one character").default('"'),
  encoding: z.enum(["utf-8", "latin1", "utf-16le", "utf-16be", "windows-1252"]).default("utf-8"),
  compression: z.enum(["auto", "none", "gz", "zst", "zip"]).default("auto"),
  schemaPolicy,
  maxRejectedPercent: z.number().min(0).max(100).default(100),
  s3: object(s3).optional(),
})
  .refine(({ table, tables }) => (table === undefined) !== (tables === undefined), {
    path: ["table"],
    error: "name one table with `table`, or several with `tables`",
  })
  .refine(({ path, tables }) => tables === undefined || path.includes("{table}"), {
    path: ["path"],
    error: "with several tables {table} must stand in the path, in the place of the table's name",
  })
  .refine(
    ({ tables, key, cursor, types, columns }) =>
      tables === undefined ||
      (key.length === 0 && cursor === undefined && Object.keys(types).length === 0 && columns === undefined),
    { path: ["tables"], error: "key, cursor, types and columns belong to each table when there are several" },
  )
  .refine(
    ({ format, header, tables, ...own }) =>
      header ||
      !isDelimited(format) ||
      Object.values(tables ?? { own }).every(({ columns }) => columns !== undefined),
    { path: ["columns"], error: "files without a header line need the column names" },
  )
  .refine(({ path, s3 }) => !path.startsWith("s3://") || s3 !== undefined, {
    path: ["s3"],
    error: "an s3:// path needs endpoint, accessKeyId and secretAccessKey",
  })
  .transform(({ delimiter, table, tables, key, cursor, types, columns, ...rest }) => ({
    ...rest,
    ...(tables === undefined ? { table, key, cursor, types, columns } : { tables }),
    delimiter: delimiter ?? (rest.format === "tsv" ? "\t" : ","),
  }));
export type FilesSourceConfig = z.output<typeof filesSource>;

/** Complete options of a `files` sink. */
export const filesSink = object({
  directory: text(),
  format: z.enum(["csv", "parquet", "jsonl"]),
  select: z.string().min(1).default("gold"),
});
export type FilesSinkConfig = z.output<typeof filesSink>;

function isDelimited(format: string): boolean {
  return format === "csv" || format === "tsv";
}

/** Kinds of adapters by the place they stand in. */
export const sourceSchemas: Readonly<Record<string, z.ZodType<Record<string, unknown>>>> = {
  files: filesSource,
  postgres: postgresSource,
};
export const sinkSchemas: Readonly<Record<string, z.ZodType<{ select: string } & Record<string, unknown>>>> =
  { files: filesSink, postgres: postgresSink };

const adapter = z.custom<{ kind: string; options: unknown }>(
  (value) => typeof value === "object" && value !== null && "kind" in value && "options" in value,
  "expected postgres({...}) or files({...})",
);

const engine = z.preprocess(
  (value) => (value === "embedded" ? {} : value),
  object({
    memoryBytes: count.min(200_000_000).default(1_500_000_000),
    threads: count.default(() => Math.min(8, availableParallelism())),
    slots: count.default(8),
    url: text().optional(),
    username: text().optional(),
    password: secretText().optional(),
  }),
);

const lake = object({
  path: text().optional(),
  s3: object({ ...s3, bucket: text(), prefix: text().default("lake") }).optional(),
}).refine(({ path, s3 }) => path === undefined || s3 === undefined, "give either path or s3, not both");

/** The config file without the options of its adapters, which `sourceSchemas` and `sinkSchemas` check. */
export const projectSchema = object({
  name: plainName,
  timezone: z
    .string()
    .default("UTC")
    .refine(isTimezone, "is not a timezone; expected a name like Europe/Berlin"),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, "must be an ISO 4217 code like EUR")
    .default("EUR"),
  stateDir: text().default(".shoplake"),
  lake: lake.default({}),
  engine: engine.prefault("embedded"),
  sources: z.record(identifier, adapter).default({}),
  sinks: z.record(identifier, adapter).default({}),
  schedules: z
    .array(
      object({
        name: plainName,
        cron: z.string().refine(isCron, "expected five fields: minute hour day-of-month month day-of-week"),
        select: z.string().min(1),
      }),
    )
    .default([]),
  concurrency: count.default(2),
  retries: object({
    attempts: count.default(3),
    delayMs: z.number().int().nonnegative().default(1000),
  }).prefault({}),
  retention: object({ runDays: count.max(36_500).default(90) }).prefault({}),
});

function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

function isCron(text: string): boolean {
  return /^@(hourly|daily|weekly|monthly|yearly)$/.test(text) || text.trim().split(/\s+/).length === 5;
}
