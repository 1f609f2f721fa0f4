/** What lives as long as the process: engine, lake, warehouse, state, clock and ids of one project. */
import { randomBytes } from "node:crypto";
import { rm } from "node:fs/promises";
import type { Engine } from "../engine/engine.ts";
import { openEngine } from "../engine/open.ts";
import { openLake } from "../lake/lake.ts";
import { localStore } from "../lake/store/local.ts";
import { s3Store } from "../lake/store/s3.ts";
import type { LakeStore } from "../lake/store/store.ts";
import type { Host } from "../pipeline/index.ts";
import type { ConfigResult, ProjectConfig } from "../project/config-file.ts";
import { type LoadResult, projectError, readFiles } from "../project/load.ts";
import type { LakeConfig } from "../project/project.ts";
import { openOwner } from "../state/owners.ts";
import { openState } from "../state/state.ts";
import { createSlots } from "../util/slots.ts";
import { ownerSpool } from "../util/spool.ts";
import { openWarehouse } from "../warehouse/warehouse.ts";

/** What the outermost layer gives to everything below it. */
export interface Surroundings {
  /** Default: the environment of the process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Default: the system's clock. */
  readonly clock?: () => Date;
  /** Is told of what does not stop the work. Default: nobody. */
  readonly warn?: (message: string) => void;
}

/** A host together with its end. */
export interface OpenedHost extends Host {
  /** What the config file says. */
  readonly config: ProjectConfig;
  /** The other files of the project with their problems, read at the first call. Nothing is resolved. */
  files(): LoadResult;
  /** Default: nobody. */
  readonly warn: (message: string) => void;
  /** Stops what was started. An engine that another process started keeps running. */
  close(): Promise<void>;
}

/**
 * Finds or starts the engine of a project and opens what needs it. No source and no sink is opened.
 * Throws `config` with the problems of the configuration, except when they concern sources, sinks and schedules only; `engine` when there is none, and what opening lake and state throws; nothing is left running then.
 */
export async function openHost(
  read: ConfigResult,
  { env = process.env, clock = () => new Date(), warn = () => undefined }: Surroundings = {},
): Promise<OpenedHost> {
  const { config, problems, ofParts } = read;
  if (config === undefined || problems.length > ofParts.length) throw projectError(problems);
  const { dir, stateDir, lake } = config;
  const store = openStore(lake);
  const owner = openOwner({ store, startedAt: clock(), warn });
  const engine = await openProjectEngine(config, env, owner.id);
  try {
    const opened = { engine, lake: openLake({ store, engine, clock, warn }) };
    return {
      config,
      files: once(() => readFiles(dir, read)),
      dir,
      stateDir,
      ...opened,
      warehouse: await openWarehouse(engine),
      state: await openState(engine, clock, { owner, afterMigration: () => showLake(opened) }),
      clock,
      warn,
      newId,
      owner,
      slots: createSlots(config.concurrency),
      async close() {
        await owner.close();
        await rm(ownerSpool(stateDir, owner.id), { recursive: true, force: true });
        await engine.close();
      },
    };
  } catch (error) {
    await owner.close();
    await engine.close().catch(() => undefined);
    throw error;
  }
}

/** The views of an older version are made anew: they may have been made in another folder. */
async function showLake({ engine, lake }: Pick<Host, "engine" | "lake">): Promise<void> {
  const { syncViews } = await import("../pipeline/index.ts");
  await syncViews({ engine, lake }, await lake.datasets());
}

/** Finds or starts the engine of a project. `owner`: id of the process as an owner. Throws `engine` when there is none. */
export function openProjectEngine(
  { stateDir, lake, engine: config }: Pick<ProjectConfig, "stateDir" | "lake" | "engine">,
  env: NonNullable<Surroundings["env"]>,
  owner?: string,
): Promise<Engine> {
  const s3 = lake.kind === "s3" ? { shoplake_lake: lake } : {};
  return openEngine({ stateDir, config, env, s3, ...(owner === undefined ? {} : { owner }) });
}

/** The place of a project's lake. */
export function openStore(lake: LakeConfig): LakeStore {
  return lake.kind === "local" ? localStore(lake.path) : s3Store(lake);
}

function once<T>(work: () => T): () => T {
  let done: { readonly result: T } | undefined;
  return () => {
    done ??= { result: work() };
    return done.result;
  };
}

function newId(): string {
  return randomBytes(6).toString("hex");
}
