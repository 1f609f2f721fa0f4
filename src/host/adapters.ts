/** Sources and sinks of a project: opened when they are used for the first time, closed together. */
import type { Adapters } from "../pipeline/index.ts";
import type { ProjectConfig } from "../project/config-file.ts";
import { openSink } from "../sinks/kinds.ts";
import { openSource } from "../sources/kinds.ts";
import { ShoplakeError } from "../util/errors.ts";
import type { LoadedKinds } from "./kinds.ts";

/** Adapters together with their end. */
export interface OpenedAdapters extends Adapters {
  /** Closes every adapter that was opened, also when one of them fails; throws the first failure. */
  close(): Promise<void>;
}

/** Nothing is opened yet. */
export function lazyAdapters(
  { sources, sinks }: Pick<ProjectConfig, "sources" | "sinks">,
  kinds: LoadedKinds,
): OpenedAdapters {
  const openedSources = lazily("source", sources, (name, config) => openSource(kinds.sources, name, config));
  const openedSinks = lazily("sink", sinks, (name, config) => openSink(kinds.sinks, name, config));
  return {
    source: openedSources.get,
    sink: openedSinks.get,
    async close() {
      const all = [...openedSources.opened(), ...openedSinks.opened()];
      const ends = all.map(async (adapter) => adapter.close());
      const failed = (await Promise.allSettled(ends)).find((end) => end.status === "rejected");
      if (failed !== undefined) throw failed.reason;
    },
  };
}

interface Lazily<T> {
  get(name: string): T;
  opened(): readonly T[];
}

function lazily<C, T>(
  what: string,
  configs: Readonly<Record<string, C>>,
  open: (name: string, config: C) => T,
): Lazily<T> {
  const adapters = new Map<string, T>();
  return {
    get(name) {
      const known = adapters.get(name);
      if (known !== undefined) return known;
      const config = configs[name];
      if (config === undefined)
        throw new ShoplakeError("internal", `${what} ${name} is in the plan, but not in the project`);
      const adapter = open(name, config);
      adapters.set(name, adapter);
      return adapter;
    },
    opened: () => [...adapters.values()],
  };
}
