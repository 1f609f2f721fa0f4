/** What a shoplake.config.ts may hold, and the complete configuration that comes out: no default is left to others. */
import { availableParallelism } from "node:os";
import { z } from "zod";
import { object } from "./issues.ts";
import { count, httpUrl, identifier, s3Access, secretText, text } from "./options.ts";

const plainName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]*$/, "must be letters, digits, _ and -, starting with a letter or digit");

const engine = z.preprocess(
  (value) => (value === "embedded" ? {} : value),
  object({
    memoryBytes: count.min(200_000_000).default(1_500_000_000),
    threads: count.default(() => Math.min(8, availableParallelism())),
    slots: count.default(8),
    url: httpUrl().optional(),
    username: text().optional(),
    password: secretText().optional(),
  }),
);

const lake = object({
  path: text().optional(),
  s3: object({ ...s3Access, bucket: text(), prefix: text().default("lake") }).optional(),
}).refine(({ path, s3 }) => path === undefined || s3 === undefined, "give either path or s3, not both");

/** The config file without its sources and sinks, which their kinds check. */
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
  sources: z.record(identifier, z.unknown()).default({}),
  sinks: z.record(identifier, z.unknown()).default({}),
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
