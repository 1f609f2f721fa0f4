/** shoplake.config.ts -> the configuration part of a Project, complete and validated. */
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { z } from "zod";
import { messageOf, type Problem, ShoplakeError } from "../util/errors.ts";
import { readSinks, readSources } from "./adapters.ts";
import { bronzeTables } from "./bronze-tables.ts";
import { projectSchema } from "./config-schema.ts";
import { type EnvPlace, envName, isEnvReference, lookUp } from "./env.ts";
import { at, type LineOf, type Path, problemsOf } from "./issues.ts";
import type { Kinds } from "./kinds.ts";
import { configLines } from "./locate.ts";
import type { EngineConfig, LakeConfig, Project } from "./project.ts";
import { secret, unsetValue } from "./secret.ts";

/** The part of a project that its config file says. */
export type ProjectConfig = Omit<Project, "models" | "queries" | "unitTests">;

const fileNames = ["ts", "mts", "js", "mjs"].map((extension) => `shoplake.config.${extension}`);

/** Name of the config file in a folder; undefined: it is no project. */
export function configFile(dir: string): string | undefined {
  return fileNames.find((name) => existsSync(join(dir, name)));
}

/** What a config file says, and everything that is wrong with it. */
export interface ConfigResult {
  /** Undefined when not even name, engine and lake can be told. Sources and sinks with wrong options are left out. */
  readonly config: ProjectConfig | undefined;
  /** What the file exports, with its `env(...)` references: tells where a value comes from. */
  readonly spec: unknown;
  /** Name of the config file. */
  readonly file: string;
  /** Line of a key in it. */
  readonly lineOf: LineOf;
  /** The kinds that it was read with, and that the other files of the project are read with. */
  readonly kinds: Kinds;
  /** All problems. */
  readonly problems: readonly Problem[];
  /** Those of `problems` that concern sources, sinks and schedules only: what does not use these works all the same. */
  readonly ofParts: readonly Problem[];
  /** Those of `ofParts` that are variables without a value. */
  readonly unset: readonly UnsetVariable[];
}

/** A variable that a source or sink needs and that has no value. */
export interface UnsetVariable {
  /** "sources.shop" */
  readonly part: string;
  /** What is missing and where it was looked for. */
  readonly problem: Problem;
}

/** Runs the config file and checks what it exports. Throws only when there is no config file. */
export async function readConfig(
  dir: string,
  { places, kinds }: { readonly places: readonly EnvPlace[]; readonly kinds: Kinds },
): Promise<ConfigResult> {
  const file = configFile(dir);
  if (file === undefined)
    throw new ShoplakeError("config", `no shoplake.config.ts in ${dir}`, {
      allowed: fileNames.join(", "),
      hint: "change to the folder of a project, name it with --project, or write a new one with `shoplake init`",
    });
  const path = join(dir, file);
  const lineOf = configLines(readFileSync(path, "utf8"));
  const problems: Problem[] = [];
  const ofParts: Problem[] = [];
  const unset: UnsetVariable[] = [];
  const found = await evaluate(path, file, problems);
  const spec = found && replaceEnv(found.spec, [], { dir, places, file, lineOf, problems, unset });
  ofParts.push(...unset.map(({ problem }) => problem));
  const config = found && complete(spec, { dir, file, lineOf, problems, ofParts, kinds });
  const all = [...problems, ...ofParts];
  return { config, spec: found?.spec, file, lineOf, kinds, problems: all, ofParts, unset };
}

async function evaluate(
  path: string,
  file: string,
  problems: Problem[],
): Promise<{ spec: unknown } | undefined> {
  const { createJiti } = await import("jiti");
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const self = fileURLToPath(new URL(`../index.${extension}`, import.meta.url));
  const jiti = createJiti(import.meta.url, {
    alias: { shoplake: self },
    moduleCache: false,
    interopDefault: false,
  });
  try {
    const module = await jiti.import<{ default?: unknown }>(path);
    if (module.default === undefined)
      problems.push({
        message: "there is no default export",
        hint: "write export default defineProject({ ... })",
        ...at(file, 1),
      });
    return module.default === undefined ? undefined : { spec: module.default };
  } catch (error) {
    problems.push({ message: firstLine(messageOf(error), path), ...at(file, lineOfError(error, file)) });
    return undefined;
  }
}

function firstLine(message: string, path: string): string {
  return (message.split("\n")[0] ?? message).replaceAll(`${path}:`, "").replaceAll(path, "").trim();
}

function lineOfError(error: unknown, file: string): number | undefined {
  const text = error instanceof Error ? `${error.message}\n${error.stack ?? ""}` : "";
  const escaped = file.replaceAll(".", "\\.");
  const found = new RegExp(`${escaped}:(\\d+)`).exec(text) ?? /\((\d+):\d+\)/.exec(text);
  return found ? Number(found[1]) : undefined;
}

interface ReplaceContext {
  readonly dir: string;
  readonly places: readonly EnvPlace[];
  readonly file: string;
  readonly lineOf: LineOf;
  /** Takes what is wrong with the project itself. */
  readonly problems: Problem[];
  /** Takes what a source, a sink or a schedule lacks. */
  readonly unset: UnsetVariable[];
}

const parts: readonly PropertyKey[] = ["sources", "sinks", "schedules"];

/** Puts a `Secret` in the place of every `env(...)`. What is not set is a problem, and an empty secret takes its place. */
function replaceEnv(value: unknown, path: Path, context: ReplaceContext): unknown {
  if (isEnvReference(value)) {
    const found = lookUp(envName(value), context.places, context.dir);
    if (found.found) return secret(found.value);
    const where = path.filter((step) => step !== "options").join(".");
    const problem = {
      message: `${found.message} (${where})`,
      hint: found.hint,
      ...at(context.file, context.lineOf(withoutOptions(path))),
    };
    if (parts.includes(path[0] ?? "")) context.unset.push({ part: path.slice(0, 2).join("."), problem });
    else context.problems.push(problem);
    return secret(unsetValue);
  }
  if (Array.isArray(value)) return value.map((item, i) => replaceEnv(item, [...path, i], context));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, replaceEnv(item, [...path, key], context)]),
  );
}

/** Adapters keep their options one level deeper than the file shows: sources.shop.options.url is written sources.shop.url. */
function withoutOptions(path: Path): Path {
  return path[2] === "options" ? [...path.slice(0, 2), ...path.slice(3)] : path;
}

type Context = Omit<ReplaceContext, "places" | "unset"> & { readonly kinds: Kinds };

function complete(
  spec: unknown,
  { ofParts, ...outer }: Context & { readonly ofParts: Problem[] },
): ProjectConfig | undefined {
  const { dir, file, lineOf, problems } = outer;
  const context = { ...outer, problems: ofParts };
  const parsed = projectSchema.safeParse(spec);
  const given: Record<string, unknown> = typeof spec === "object" && spec !== null ? { ...spec } : {};
  const sources = readSources(given["sources"], context);
  const sinks = readSinks(given["sinks"], context);
  if (!parsed.success) {
    problems.push(...problemsOf(parsed.error, file, "", lineOf));
    return undefined;
  }
  const { name, timezone, currency, schedules, concurrency, retries, retention } = parsed.data;
  reportDoubles(
    schedules.map(({ name }) => name),
    { what: "schedules", path: "schedules" },
    context,
  );
  reportDoubles(
    bronzeTables(sources).map(({ dataset }) => dataset),
    { what: "source tables", path: "sources" },
    context,
  );
  const stateDir = resolve(dir, parsed.data.stateDir);
  return {
    name,
    dir,
    stateDir,
    timezone,
    currency,
    lake: lakeConfig(parsed.data.lake, dir, stateDir),
    engine: engineConfig(parsed.data.engine),
    sources,
    sinks,
    schedules,
    concurrency,
    retries,
    retention,
  };
}

function lakeConfig(
  given: z.output<typeof projectSchema>["lake"],
  dir: string,
  stateDir: string,
): LakeConfig {
  if (given.s3) return { kind: "s3", ...given.s3 };
  return {
    kind: "local",
    path: given.path === undefined ? join(stateDir, "lake") : resolve(dir, given.path),
  };
}

function engineConfig(given: z.output<typeof projectSchema>["engine"]): EngineConfig {
  const { memoryBytes, threads, slots, url, username, password } = given;
  if (url === undefined) return { kind: "embedded", memoryBytes, threads, slots };
  return { kind: "server", url, username: username ?? "default", password: password ?? secret("") };
}

function reportDoubles(
  names: readonly string[],
  { what, path }: { what: string; path: string },
  { file, lineOf, problems }: Context,
): void {
  for (const name of new Set(names.filter((name, i) => names.indexOf(name) !== i)))
    problems.push({ message: `two ${what} are named ${name}`, ...at(file, lineOf([path])) });
}
