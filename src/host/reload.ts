/** The catalogues of a process that stays: runs keep the one they began with, a reload gives the next runs the next one. */
import { isDeepStrictEqual } from "node:util";
import type { Catalogue } from "../pipeline/index.ts";
import { projectError, readProject } from "../project/load.ts";
import { messageOf, ShoplakeError } from "../util/errors.ts";
import { type CatalogueOptions, type OpenedCatalogue, openCatalogue } from "./catalogue.ts";
import type { OpenedHost } from "./host.ts";
import { loadKinds } from "./kinds.ts";

/** The newest catalogue of a host, and those that are still worked with. */
export interface Catalogues {
  /** Works with the newest catalogue, which stays open until the work has ended, also when a reload replaces it. */
  use<T>(work: (catalogue: Catalogue) => Promise<T>): Promise<T>;
  /**
   * Reads the project's files anew. Throws one `config` error with all their problems, or when what only a new process can
   * change has changed (engine, lake, folder of state); the catalogue of before stays in use then.
   */
  reload(): Promise<Catalogue>;
  /** Closes the newest catalogue at once, the others when their work has ended. Nothing may be begun afterwards. */
  close(): Promise<void>;
}

/** Where a reload reads the values of `env(...)` from, and what else opening a catalogue needs. */
export interface CataloguesOptions extends CatalogueOptions {
  /** Default: the environment of the process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Keeps the catalogues of a host, beginning with one that is open. */
export function keepCatalogues(
  host: OpenedHost,
  first: OpenedCatalogue,
  options: CataloguesOptions = {},
): Catalogues {
  let newest = counted(first, host.warn);
  let reloading: Promise<Catalogue> | undefined;
  const replace = async (): Promise<Catalogue> => {
    const next = counted(await reopened(host, options), host.warn);
    const old = newest;
    newest = next;
    await old.retire();
    return next.catalogue;
  };
  return {
    async use(work) {
      const used = newest;
      used.begin();
      try {
        return await work(used.catalogue);
      } finally {
        await used.end();
      }
    },
    reload() {
      reloading ??= replace().finally(() => {
        reloading = undefined;
      });
      return reloading;
    },
    close: () => newest.retire(),
  };
}

async function reopened(
  host: OpenedHost,
  { env = process.env, ...options }: CataloguesOptions,
): Promise<OpenedCatalogue> {
  const read = await readProject(host.dir, { env, kinds: await loadKinds() });
  if (read.project === undefined || read.problems.length > 0) throw projectError(read.problems);
  const { engine, lake, stateDir } = read.project;
  const fixed = Object.entries({ engine, lake, stateDir })
    .filter(([name, value]) => !isSame(value, host.config[name as "engine" | "lake" | "stateDir"]))
    .map(([name]) => name);
  if (fixed.length === 0) return openCatalogue(host, read, options);
  throw new ShoplakeError("config", `${fixed.join(" and ")} changed in shoplake.config.ts`, {
    hint: "Start the process again: these settings hold from its start on. Until then it works with the old ones.",
  });
}

/** Secrets are compared by their value. */
function isSame(a: unknown, b: unknown): boolean {
  return isDeepStrictEqual(revealed(a), revealed(b));
}

function revealed(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if ("reveal" in value && typeof value.reveal === "function") return value.reveal();
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, revealed(inner)]));
}

interface CountedCatalogue {
  readonly catalogue: OpenedCatalogue;
  begin(): void;
  end(): Promise<void>;
  /** It is not begun with any more: closes it now, or at the end of its last work. */
  retire(): Promise<void>;
}

function counted(catalogue: OpenedCatalogue, warn: (message: string) => void): CountedCatalogue {
  let working = 0;
  let retired = false;
  const closeUnused = async (): Promise<void> => {
    if (!retired || working > 0) return;
    await catalogue
      .close()
      .catch((error: unknown) => warn(`a source or sink did not close: ${messageOf(error)}`));
  };
  return {
    catalogue,
    begin() {
      working += 1;
    },
    async end() {
      working -= 1;
      await closeUnused();
    },
    async retire() {
      retired = true;
      await closeUnused();
    },
  };
}
