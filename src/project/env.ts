/** Values from the environment: written as `env("NAME")` in shoplake.config.ts, looked up when the project is loaded. */
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseEnv } from "node:util";
import { messageOf } from "../util/errors.ts";

const brand = Symbol.for("shoplake.env");

/** Stands in a config for the value of an environment variable. */
export interface EnvReference {
  /** Name of the variable. The key is a registered symbol, so that two copies of the package understand each other. */
  readonly [brand]: string;
}

/**
 * The value of the environment variable `name`; or, when `<name>_FILE` is set instead, the content of that file without its
 * last line break (Docker and Kubernetes secrets). Both are looked for in the process environment first, then in the
 * project's `.env` file. It is a config error when none is set, or both.
 */
export function env(name: string): EnvReference {
  return Object.freeze({ [brand]: name });
}

/** True for what `env` returned, in whatever copy of the package. */
export function isEnvReference(value: unknown): value is EnvReference {
  return typeof value === "object" && value !== null && brand in value;
}

/** The name that `env` was given. */
export function envName(reference: EnvReference): string {
  return reference[brand];
}

/** Variables by name; undefined: not set. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The environments a project looks into, in this order. */
export interface EnvPlace {
  /** For messages: "the environment", ".env". */
  readonly label: string;
  /** What is set there. */
  readonly values: Environment;
}

/** The process environment and, when the project has one, its `.env` file. */
export function envPlaces(dir: string, processEnvironment: Environment): EnvPlace[] {
  const file = join(dir, ".env");
  return [
    { label: "the environment", values: processEnvironment },
    { label: ".env", values: existsSync(file) ? parseEnv(readFileSync(file, "utf8")) : {} },
  ];
}

/** A value, or why there is none and what to do. */
export type EnvLookup =
  | { readonly found: true; readonly value: string }
  | { readonly found: false; readonly message: string; readonly hint: string };

/** Looks a variable up in all places; relative `_FILE` paths start at `dir`. */
export function lookUp(name: string, places: readonly EnvPlace[], dir: string): EnvLookup {
  for (const { label, values } of places) {
    const value = values[name];
    const file = values[`${name}_FILE`];
    if (value !== undefined && file !== undefined)
      return {
        found: false,
        message: `both ${name} and ${name}_FILE are set in ${label}`,
        hint: `unset one of them`,
      };
    if (value !== undefined) return { found: true, value };
    if (file !== undefined) return fromFile(name, resolve(dir, file));
  }
  const order = places.flatMap(({ label }) => [`${name} in ${label}`, `${name}_FILE in ${label}`]);
  return {
    found: false,
    message: `environment variable ${name} is not set`,
    hint: `looked for ${order.join(", ")}; set one of them`,
  };
}

function fromFile(name: string, path: string): EnvLookup {
  try {
    return { found: true, value: readFileSync(path, "utf8").replace(/\r?\n$/, "") };
  } catch (error) {
    return {
      found: false,
      message: `the file ${path} named by ${name}_FILE cannot be read: ${messageOf(error)}`,
      hint: `create the file, or set ${name} itself`,
    };
  }
}
