/** What lives as long as the process: engine, lake, warehouse, state, clock and ids of one project. */
import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { openEngine } from "../engine/open.ts";
import { openLake } from "../lake/lake.ts";
import { localStore } from "../lake/store/local.ts";
import { s3Store } from "../lake/store/s3.ts";
import type { LakeStore } from "../lake/store/store.ts";
import type { Host } from "../pipeline/index.ts";
import type { ConfigResult, ProjectConfig } from "../project/config-file.ts";
import { type LoadResult, projectError, readFiles } from "../project/load.ts";
import type { LakeConfig } from "../project/project.ts";
import { openState } from "../state/state.ts";
import { createSlots } from "../util/slots.ts";
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
  readonly config: ProjectConfig;
  /** The other files of the project with their problems, read at the first call. Nothing is resolved. */
  files(): LoadResult;
  /** Default: nobody. */
  readonly warn: (message: string) => void;
  /** Stops what was started. An engine that another process started keeps running. */
  close(): Promise<void>;
}

/**
 * Finds or starts the engine of a project and opens what stands on it. No source and no sink is opened.
 * Throws `config` with the problems of the configuration, `engine` when there is none, and what opening lake and state throws; nothing is left running then.
 */
export async function openHost(
  read: ConfigResult,
  { env = process.env, clock = () => new Date(), warn = () => undefined }: Surroundings = {},
): Promise<OpenedHost> {
  const { config, problems } = read;
  if (config === undefined || problems.length > 0) throw projectError(problems);
  const { dir, stateDir, lake } = config;
  const store = openStore(lake);
  const s3 = lake.kind === "s3" ? { shoplake_lake: lake } : {};
  const engine = await openEngine({ stateDir, config: config.engine, env, s3 });
  try {
    return {
      config,
      files: once(() => readFiles(dir, read)),
      dir,
      stateDir,
      engine,
      lake: openLake({ store, engine, clock, warn }),
      warehouse: await openWarehouse(engine),
      state: await openState(engine, clock),
      clock,
      warn,
      newId,
      owner: { id: newId(), host: hostname(), pid: process.pid, startedAt: clock() },
      slots: createSlots(config.concurrency),
      close: () => engine.close(),
    };
  } catch (error) {
    await engine.close();
    throw error;
  }
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
