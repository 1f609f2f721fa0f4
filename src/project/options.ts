/** Schemas of options that many parts of a configuration share. What they take in is what a config file may write. */
import { z } from "zod";
import type { Text } from "./define.ts";
import { object } from "./issues.ts";
import type { Secret } from "./project.ts";
import { isSecret, secret } from "./secret.ts";

/** A text; one from the environment is taken out of its wrapping. */
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

/** A name of a dataset's part: lower-case letters, digits and _. */
export const identifier = z
  .string()
  .regex(/^[a-z][a-z0-9_]*$/, "must be lower-case letters, digits and _, starting with a letter");

/** A whole number above 0. */
export const count = z.number().int().positive();

/** Where an S3 store is and how to get in. */
export const s3Access = {
  /** "https://s3.eu-central-1.amazonaws.com", "http://127.0.0.1:9000". The bucket is addressed by path. */
  endpoint: text(),
  /** Default "us-east-1". */
  region: text().default("us-east-1"),
  /** Name of the key. */
  accessKeyId: secretText(),
  /** The key itself. */
  secretAccessKey: secretText(),
};

/** TLS of a connection to a database. */
export const tls = object({
  /** PEM text of the authority that signed the server's certificate. Default: the system's authorities. */
  ca: text().optional(),
  /** false accepts any certificate. Default true. */
  rejectUnauthorized: z.boolean().default(true),
});

/** How often a connection that failed is tried again; waits 0.5 s, 1 s, 2 s, ... in between. Default 3. */
export const retries = z.number().int().nonnegative().default(3);

/** Selector of the datasets that a sink takes. Default "gold". */
export const select = z.string().min(1).default("gold");

const s3 = object(s3Access);

/** What a config file writes of an S3 store. */
export type S3Spec = z.input<typeof s3>;
/** The same, complete. */
export type S3Access = z.output<typeof s3>;
