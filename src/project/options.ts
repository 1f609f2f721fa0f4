/** Schemas of options that many parts of a configuration share. What they take in is what a config file may write. */
import { z } from "zod";
import type { Text } from "./define.ts";
import { object } from "./issues.ts";
import type { Secret } from "./project.ts";
import { isSecret, secret, unsetValue } from "./secret.ts";

/** A text; one from the environment is unwrapped. */
export function text() {
  return z.preprocess((value: Text) => (isSecret(value) ? value.reveal() : value), z.string().min(1));
}

/** A text that is never shown: a password, or a URL that holds one. */
export function secretText() {
  return z.preprocess(
    (value: Text) => (typeof value === "string" && value !== "" ? secret(value) : value),
    z.custom<Secret>(isSecret, "expected a text, best from env(...)"),
  );
}

/** The address of an HTTP server: not secret, so a user and a password are refused in it, and a message never repeats it. */
export function httpUrl() {
  return z.preprocess(
    (value: Text) => (isSecret(value) ? value.reveal() : value),
    z
      .string()
      .refine(
        isPlainAddress,
        "expected http://host:port or https://host:port; user and password have options of their own",
      ),
  );
}

function isPlainAddress(given: string): boolean {
  if (given === unsetValue) return true;
  if (!/^https?:\/\/[^@?#\s]+$/.test(given)) return false;
  try {
    return new URL(given).host !== "";
  } catch {
    return false;
  }
}

/** A name of a dataset's part: lower-case letters, digits and _. */
export const identifier = z
  .string()
  .regex(/^[a-z][a-z0-9_]*$/, "must be lower-case letters, digits and _, starting with a letter");

/** A whole number above 0. */
export const count = z.number().int().positive();

/** Where an S3 store is and how to get in. */
export const s3Access = {
  endpoint: httpUrl(),
  region: text().default("us-east-1"),
  accessKeyId: secretText(),
  secretAccessKey: secretText(),
};

/** TLS of a connection to a database. */
export const tls = object({
  ca: text().optional(),
  rejectUnauthorized: z.boolean().default(true),
});

/** How often a connection that failed is tried again; waits 0.5 s, 1 s, 2 s, ... in between. Default 3. */
export const retries = z.number().int().nonnegative().default(3);

/** Selector of the datasets that a sink takes. Default "gold". */
export const select = z.string().min(1).default("gold");

const s3 = object(s3Access);

/** Access to an S3 store, complete. */
export type S3Access = z.output<typeof s3>;

/**
 * `true` when a schema has exactly the keys of the words that describe it to a reader, and takes every value that they allow. The words
 * are interfaces and not inferred: the compiler keeps no comments of inferred types, and an editor shows them.
 */
export type Takes<Schema extends z.ZodType, Words> =
  Words extends z.input<Schema>
    ? [keyof z.input<Schema>, keyof Words] extends [keyof Words, keyof z.input<Schema>]
      ? true
      : { readonly tooMuch: Exclude<keyof z.input<Schema>, keyof Words> }
    : { readonly refused: Words };

/** Does not compile unless all are `true`. */
export type Same<Answers extends readonly true[]> = Answers;
