/** Every setting of a project as lines: name, value in force, where it comes from. */
import { loadKinds } from "../host/kinds.ts";
import { type ProjectConfig, readConfig } from "../project/config-file.ts";
import {
  type Environment,
  type EnvPlace,
  envName,
  envPlaces,
  isEnvReference,
  lookUp,
} from "../project/env.ts";
import { type LineOf, sortProblems } from "../project/issues.ts";
import { projectError } from "../project/load.ts";
import type { Problem } from "../util/errors.ts";

/** One option with its value. */
export interface Setting {
  /** "sources.shop.url" */
  readonly name: string;
  /** As text; secrets are ***; "not set" for a variable without a value. */
  readonly value: string;
  /** "shoplake.config.ts:12", "SHOP_DATABASE_URL in .env", "default". */
  readonly source: string;
}

/** The configuration of a project. */
export interface Settings {
  /** In the order of the file. A source or sink whose options are wrong is left out. */
  readonly settings: readonly Setting[];
  /** What is wrong with sources, sinks and schedules. */
  readonly problems: readonly Problem[];
}

/** Reads the configuration of the project in `dir`. Throws one `config` error when not even name, engine and lake can be told. */
export async function settingsOf(dir: string, env: Environment): Promise<Settings> {
  const places = envPlaces(dir, env);
  const { config, spec, file, lineOf, problems, ofParts } = await readConfig(dir, {
    places,
    kinds: await loadKinds(),
  });
  if (config === undefined || problems.length > ofParts.length) throw projectError(problems);
  const settings = flat(plain(config), []).map(({ path, value }) => {
    const written = writtenPath(path);
    return {
      name: path.join("."),
      value: lacksValue(written, { spec, places, dir }) ? "not set" : value,
      source: sourceOf(written, { spec, file, lineOf, places }),
    };
  });
  return { settings, problems: sortProblems(ofParts) };
}

function lacksValue(
  path: readonly string[],
  { spec, places, dir }: Pick<Origin, "spec" | "places"> & { readonly dir: string },
): boolean {
  const written = valueAt(spec, path);
  return isEnvReference(written) && !lookUp(envName(written), places, dir).found;
}

/** What the file sets, without what is only derived from it. Secrets print themselves as ***. */
function plain({ dir: _dir, sources, ...settings }: ProjectConfig): unknown {
  const given = Object.entries(sources).map(([name, { kind, config }]) => [name, { kind, config }]);
  return JSON.parse(JSON.stringify({ ...settings, sources: Object.fromEntries(given) }));
}

interface Leaf {
  readonly path: readonly string[];
  readonly value: string;
}

function flat(value: unknown, path: readonly string[]): Leaf[] {
  if (typeof value !== "object" || value === null) return [{ path, value: String(value) }];
  if (Array.isArray(value) && value.every((item) => typeof item !== "object"))
    return [{ path, value: value.join(", ") || "none" }];
  const entries = Object.entries(value);
  if (entries.length === 0) return [{ path, value: "none" }];
  return entries.flatMap(([key, item]) =>
    flat(item, key === "config" && path.length === 2 ? path : [...path, key]),
  );
}

/** Settings that the file spells in another place than the complete configuration. */
function writtenPath(path: readonly string[]): readonly string[] {
  const [first = "", second = ""] = path;
  if (first === "lake" && second !== "path")
    return second === "kind" ? ["lake"] : ["lake", "s3", ...path.slice(1)];
  return first === "engine" && second === "kind" ? ["engine"] : path;
}

interface Origin {
  readonly spec: unknown;
  readonly file: string;
  readonly lineOf: LineOf;
  readonly places: readonly EnvPlace[];
}

function sourceOf(path: readonly string[], { spec, file, lineOf, places }: Origin): string {
  const written = valueAt(spec, path);
  if (written === undefined) return "default";
  if (isEnvReference(written)) return variable(envName(written), places);
  const line = lineOf(path);
  return line === undefined ? file : `${file}:${line}`;
}

/** The variable that gave the value, and where it is set. */
function variable(name: string, places: readonly EnvPlace[]): string {
  for (const { label, values } of places)
    for (const candidate of [name, `${name}_FILE`])
      if (values[candidate] !== undefined) return `${candidate} in ${label}`;
  return name;
}

/** Adapters keep what the file says under `options`. */
function valueAt(spec: unknown, path: readonly string[]): unknown {
  let value = spec;
  for (const key of path) {
    if (typeof value !== "object" || value === null || isEnvReference(value)) return undefined;
    const holder = value as Record<string, unknown>;
    value = key in holder ? holder[key] : (holder["options"] as Record<string, unknown> | undefined)?.[key];
  }
  return value;
}
