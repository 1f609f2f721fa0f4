/** Sources and sinks of a config file, checked and completed by their kinds. */
import { type Problem, ShoplakeError } from "../util/errors.ts";
import { at, type LineOf, problemsOf, unknownName } from "./issues.ts";
import type { AdapterKind, Kinds, SinkPlace } from "./kinds.ts";
import type { AdapterConfig, SinkConfig, SourceConfig } from "./project.ts";
import { isSecret, unsetValue } from "./secret.ts";

/** What is needed to read adapters and to say what is wrong with them. */
export interface AdapterContext {
  /** All kinds there are. */
  readonly kinds: Kinds;
  /** Name of the config file. */
  readonly file: string;
  /** Line of a key in it. */
  readonly lineOf: LineOf;
  /** Takes what is wrong. */
  readonly problems: Problem[];
}

/** The sources that are right, complete. */
export function readSources(given: unknown, context: AdapterContext): Record<string, SourceConfig> {
  return read(given, "sources", {
    context,
    kinds: context.kinds.sources,
    complete: (kind, config) => ({ kind: kind.kind, config, tables: kind.tables(config) }),
  });
}

/** The sinks that are right, complete. Two that would write to the same place the same datasets are a problem. */
export function readSinks(given: unknown, context: AdapterContext): Record<string, SinkConfig> {
  const { sinks: kinds } = context.kinds;
  const sinks = read(given, "sinks", {
    context,
    kinds,
    complete: (kind, config): SinkConfig => ({ kind: kind.kind, config, select: kind.select(config) }),
  });
  const owners = new Map<string, string>();
  for (const [name, { kind, config, select }] of Object.entries(sinks)) {
    const here = at(context.file, context.lineOf(["sinks", name]));
    const place = placeOf(kinds.get(kind), config);
    if (typeof place !== "string") {
      if (!isUnset(config))
        context.problems.push({ ...place, message: `sinks.${name}: ${place.message}`, ...here });
      continue;
    }
    const key = [kind, place, select].join("\0");
    const owner = owners.get(key);
    if (owner === undefined) owners.set(key, name);
    else
      context.problems.push({
        message: `the sinks ${owner} and ${name} write the same datasets to ${place}`,
        hint: "remove one of them, or give it another place or another select",
        ...here,
      });
  }
  return sinks;
}

/** Where a sink writes, or why that cannot be read. */
function placeOf(kind: SinkPlace | undefined, config: AdapterConfig["config"]): string | Problem {
  try {
    return kind?.place(config) ?? "";
  } catch (error) {
    if (!(error instanceof ShoplakeError)) throw error;
    const { hint } = error.details;
    return { message: error.message, ...(hint === undefined ? {} : { hint }) };
  }
}

/** An environment variable that is not set is told by itself. */
function isUnset(config: AdapterConfig["config"]): boolean {
  return Object.values(config).some((value) => isSecret(value) && value.reveal() === unsetValue);
}

interface Reading<Kind, Complete> {
  readonly context: AdapterContext;
  readonly kinds: ReadonlyMap<string, Kind>;
  readonly complete: (kind: Kind, config: AdapterConfig["config"]) => Complete;
}

function read<Kind extends AdapterKind, Complete>(
  given: unknown,
  place: "sources" | "sinks",
  { context, kinds, complete }: Reading<Kind, Complete>,
): Record<string, Complete> {
  const { file, lineOf, problems } = context;
  const found: Record<string, Complete> = {};
  for (const [name, value] of Object.entries(typeof given === "object" && given !== null ? given : {})) {
    const where = `${place}.${name}`;
    const here = at(file, lineOf([place, name]));
    if (typeof value !== "object" || value === null || !("kind" in value) || !("options" in value)) {
      const calls = [...kinds.keys()].map((kind) => `${kind}({...})`);
      problems.push({ message: `${where}: expected ${calls.join(" or ")}`, ...here });
      continue;
    }
    const kind = kinds.get(String(value.kind));
    if (kind === undefined) {
      const unknown = unknownName(`kind "${value.kind}"`, String(value.kind), [...kinds.keys()], where);
      problems.push({ ...unknown, ...here });
      continue;
    }
    const parsed = kind.options.safeParse(value.options);
    if (parsed.success) found[name] = complete(kind, parsed.data);
    else problems.push(...problemsOf(parsed.error, file, where, (path) => lineOf([place, name, ...path])));
  }
  return found;
}
