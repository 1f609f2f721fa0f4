/** Opens a project folder, as far as it is needed: its host alone, or its host and its catalogue. */
import type { OpenProject } from "../pipeline/index.ts";
import type { ConfigResult } from "../project/config-file.ts";
import { type LoadResult, readFiles, readProjectConfig } from "../project/load.ts";
import { isLostEngine } from "../util/errors.ts";
import { retrying } from "../util/retry.ts";
import { type CatalogueOptions, type OpenedCatalogue, openCatalogue, readable } from "./catalogue.ts";
import { type OpenedHost, openHost, type Surroundings } from "./host.ts";
import { loadKinds } from "./kinds.ts";

/** Which folder, and what is around it. */
export interface OpenOptions extends Surroundings {
  /** Folder of shoplake.config.ts. */
  readonly dir: string;
}

/** A host and its catalogue, together with their end. */
export interface OpenedProject extends OpenProject {
  /** What lives as long as the process. */
  readonly host: OpenedHost;
  /** The project as resolved now. */
  readonly catalogue: OpenedCatalogue;
  /** Closes the adapters, then the host, also when an adapter fails. */
  close(): Promise<void>;
}

/** An engine that was found running may be on its way out with the process that started it. */
const onceMore = { attempts: 3, again: isLostEngine };

/** Opens the host of the project in a folder. Throws `config` with all problems of shoplake.config.ts. */
export async function openProjectHost(options: OpenOptions): Promise<OpenedHost> {
  const read = await configOf(options);
  return retrying(() => openHost(read, options), onceMore);
}

/**
 * Opens a project with its engine and resolves its models. Throws `config` with all problems of all its files; whatever was
 * opened until then is closed.
 */
export async function openProject(options: OpenOptions & CatalogueOptions): Promise<OpenedProject> {
  const configRead = await configOf(options);
  const read = readFiles(options.dir, configRead);
  readable(read, options);
  return retrying(() => openOnce(configRead, read, options), onceMore);
}

async function openOnce(
  configRead: ConfigResult,
  read: LoadResult,
  options: Surroundings & CatalogueOptions,
): Promise<OpenedProject> {
  const host = await openHost(configRead, options);
  try {
    const catalogue = await openCatalogue(host, read, options);
    return { host, catalogue, close: () => closeAll([catalogue, host]) };
  } catch (error) {
    await host.close().catch(() => undefined);
    throw error;
  }
}

/** Closes one after the other, all of them; throws the first failure. */
async function closeAll(parts: readonly { close(): Promise<void> }[]): Promise<void> {
  const failures: unknown[] = [];
  for (const part of parts) await part.close().catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}

async function configOf({ dir, env = process.env }: OpenOptions): Promise<ConfigResult> {
  return readProjectConfig(dir, { env, kinds: await loadKinds() });
}
