/**
 * Keeps the lake small and quick: joins small files, writes checkpoints, deletes what no kept version needs. Each dataset under
 * its lease, alone; one that stays locked or fails does not stop the others.
 */
import { homeOf } from "../api/datasets.ts";
import type { OpenedHost } from "../host/host.ts";
import { publishDatasetView } from "../pipeline/index.ts";
import { livingTasks, newTaskId, placesOf, withLease } from "../runs/index.ts";
import type { Lease } from "../state/lease.ts";
import { sweepOwners } from "../state/lease-list.ts";
import { type PlainError, plainError, ShoplakeError } from "../util/errors.ts";
import { resolveDataset } from "./datasets.ts";
import { inventoryOf } from "./inventory.ts";

/** In the order in which they are done. */
export const maintainSteps = ["compact", "checkpoint", "vacuum"] as const;

/** One piece of the work; each can be done alone. */
export type MaintainStep = (typeof maintainSteps)[number];

/** What to maintain, and how far. */
export interface MaintainRequest {
  /** Bronze or silver datasets; short names when only one layer has them. Default: all. Gold datasets are skipped. */
  readonly datasets?: readonly string[];
  /** One step only. Default: all. */
  readonly only?: MaintainStep;
  /** Vacuum deletes files that were removed longer ago. Default: the table's own retention, a week. */
  readonly retentionHours?: number;
  /** Vacuum only tells what it would delete; nothing else is done, and no lease is needed. Default false. */
  readonly dryRun?: boolean;
  /** How long to wait for other writers of a dataset, ms. Default 600,000. */
  readonly wait?: number;
}

/** How the caller follows and ends the work. */
export interface MaintainOptions {
  /** Ends the waiting and the work; the promise rejects with its reason or `interrupted`. */
  readonly signal: AbortSignal;
  /** Told of each dataset when it is done or has failed. */
  readonly progress?: (done: Maintained) => void;
  /** Told what is being waited for and what was cleaned up. */
  readonly warn?: (message: string) => void;
}

/** What was done to one dataset. */
export interface Maintained {
  /** Full name: "silver.orders". */
  readonly dataset: string;
  /** Files of the newest version before and after. */
  readonly filesBefore: number;
  /** The same number as before where nothing was joined. */
  readonly filesAfter: number;
  /** Data and log files that vacuum deleted, or would delete with `dryRun`. */
  readonly deletedFiles: number;
  /** Their size in bytes. */
  readonly freedBytes: number;
  /** Why it was not maintained, or not to the end: `locked`, `conflict`, `lake`, ... */
  readonly error?: PlainError;
}

interface Job {
  readonly host: OpenedHost;
  readonly request: MaintainRequest;
  readonly options: MaintainOptions;
}

/** One result for each dataset that has been published. Throws `usage` for an unknown dataset or step option, and when it was aborted. */
export async function maintain(
  host: OpenedHost,
  request: MaintainRequest,
  options: MaintainOptions,
): Promise<readonly Maintained[]> {
  const { datasets = [] } = request;
  const names = [...(await inventoryOf(host)).keys()];
  const chosen = datasets.length > 0 ? datasets.map((name) => resolveDataset(names, name)) : names;
  const job = { host, request, options };
  const all: Maintained[] = [];
  for (const dataset of new Set(chosen)) {
    options.signal.throwIfAborted();
    if (homeOf(dataset) === "warehouse") continue;
    const done = await maintainOrTell(job, dataset);
    if (done === undefined) continue;
    all.push(done);
    options.progress?.(done);
  }
  if (request.dryRun !== true) await sweepOwners(host.owner, host.clock());
  return all;
}

/** A failure of one dataset is part of the result; bad input and an abort are not. */
async function maintainOrTell(job: Job, dataset: string): Promise<Maintained | undefined> {
  const { host, options } = job;
  let before: number | undefined;
  try {
    before = (await host.lake.table(dataset).snapshot())?.files.length;
    return before === undefined ? undefined : await maintainDataset(job, dataset);
  } catch (error) {
    options.signal.throwIfAborted();
    if (error instanceof ShoplakeError && ["usage", "internal", "interrupted"].includes(error.code))
      throw error;
    if (!(error instanceof ShoplakeError)) throw error;
    return { ...nothingDone(dataset, before ?? 0), error: plainError(error) };
  }
}

function nothingDone(dataset: string, files: number): Maintained {
  return { dataset, filesBefore: files, filesAfter: files, deletedFiles: 0, freedBytes: 0 };
}

async function maintainDataset(job: Job, dataset: string): Promise<Maintained> {
  const { host, request, options } = job;
  if (request.dryRun === true) return vacuum(job, dataset, undefined);
  const { signal, warn = () => undefined } = options;
  const lease = {
    dataset,
    mode: "rewrite",
    purpose: "maintain",
    ...placesOf(host),
    signal,
    warn,
  } as const;
  const { wait } = request;
  return withLease(wait === undefined ? lease : { ...lease, wait }, async (held) => {
    const filesBefore = await compact(job, dataset, held);
    if (does(request, "checkpoint")) {
      await held.check();
      await host.lake.table(dataset).checkpoint();
    }
    return { ...(await vacuum(job, dataset, held)), filesBefore };
  });
}

/** Gives the number of files before. */
async function compact({ host, request, options }: Job, dataset: string, lease: Lease): Promise<number> {
  const table = host.lake.table(dataset);
  const files = (await table.snapshot())?.files.length ?? 0;
  if (!does(request, "compact")) return files;
  const { filesBefore, filesAfter } = await table.compact({
    taskId: newTaskId(host),
    signal: options.signal,
    fence: () => lease.check(),
  });
  if (filesAfter !== filesBefore) await publishDatasetView(host, dataset);
  return filesBefore;
}

async function vacuum(
  { host, request }: Job,
  dataset: string,
  lease: Lease | undefined,
): Promise<Maintained> {
  const table = host.lake.table(dataset);
  const files = (await table.snapshot())?.files.length ?? 0;
  if (!does(request, "vacuum")) return nothingDone(dataset, files);
  const { retentionHours, dryRun = false } = request;
  const { owner } = host;
  const deleted = await table.vacuum({
    dryRun,
    keeps: livingTasks({ owner, dataset }),
    ...(lease === undefined ? {} : { fence: () => lease.check() }),
    ...(retentionHours === undefined ? {} : { retentionHours }),
  });
  const deletedFiles = deleted.files.length + deleted.log.length;
  return { ...nothingDone(dataset, files), deletedFiles, freedBytes: deleted.bytes };
}

function does({ only }: MaintainRequest, step: MaintainStep): boolean {
  return only === undefined || only === step;
}
