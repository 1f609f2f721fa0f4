/** Deletes what no reader needs any more: data files of old versions, orphans of dead tasks, replaced log files. */
import { ShoplakeError } from "../../util/errors.ts";
import { decodePath } from "../partition.ts";
import { taskOfFile } from "../stage.ts";
import type { StoredObject } from "../store/store.ts";
import { padVersion } from "./actions.ts";
import { removalsOf } from "./checkpoint-files.ts";
import type { LogSource } from "./log.ts";
import type { TableState } from "./state.ts";

/** How much to keep. */
export interface VacuumOptions {
  /** Files removed from the table longer ago than this are deleted. Default: the table's retention, 168 (a week). */
  readonly retentionHours?: number;
  /** Log files older than this, and replaced by a checkpoint as old, are deleted. Default 720 (30 days). */
  readonly logRetentionHours?: number;
  /** Only tells what would be deleted. Default false. */
  readonly dryRun?: boolean;
  /** True for a task that may still commit what it staged: its files stay, however old. Default: none may. */
  readonly keeps?: (taskId: string) => Promise<boolean>;
  /** Throws when this process may not write the table any more. Asked before every 50 deletions. Default: it may. */
  readonly fence?: () => Promise<void>;
}

/** What was deleted, or would be in a dry run. */
export interface VacuumResult {
  /** Keys of deleted data files. */
  readonly files: readonly string[];
  /** Keys of deleted log files. */
  readonly log: readonly string[];
  /** Of all deleted files together. */
  readonly bytes: number;
}

/** Which files without a commit may go. */
export interface OrphanOptions {
  /** Only files written before. Give it unless a lease proves that the task is dead. */
  readonly olderThan?: Date;
  /** Only files this task staged. */
  readonly taskId?: string;
  /** True for a task that may still commit what it staged: its files stay. Default: none may. */
  readonly keeps?: (taskId: string) => Promise<boolean>;
}

type Source = LogSource & { readonly dataset: string; readonly clock: () => Date };

const hour = 3_600_000;
/** A file without any trace in the log may belong to a task that is still running. */
const youngestOrphan = 24 * hour;
/** Deletions between two looks at the fence. */
const fenceEvery = 50;
const unitHours: Readonly<Record<string, number>> = { hour: 1, day: 24, week: 168 };

/** How long removed files are kept, ms: table property delta.deletedFileRetentionDuration, a week by default. */
export function retentionMs(state: TableState): number {
  const property = state.metadata.configuration["delta.deletedFileRetentionDuration"] ?? "";
  const match = /^(?:interval )?(\d+) (hour|day|week)s?$/i.exec(property);
  return match === null
    ? 168 * hour
    : Number(match[1]) * (unitHours[match[2]?.toLowerCase() ?? ""] ?? 24) * hour;
}

/** Throws `usage` for a retention below 0 or above the table's own, and what `fence` throws. */
export async function vacuumTable(
  source: Source,
  state: TableState,
  options: VacuumOptions = {},
): Promise<VacuumResult> {
  const now = source.clock().getTime();
  const kept = retentionMs(state);
  const retention = options.retentionHours === undefined ? kept : options.retentionHours * hour;
  if (!(retention >= 0 && retention <= kept))
    throw new ShoplakeError("usage", `the retention cannot be ${options.retentionHours} hours`, {
      where: source.dataset,
      allowed: `0 to ${kept / hour}`,
      hint: "set the table property delta.deletedFileRetentionDuration to keep removed files longer",
    });
  const removedAt = new Map(
    [...(await removalsOf(source, state))].map(([path, at]) => [decodePath(path), at]),
  );
  const data: StoredObject[] = [];
  for await (const object of dataObjects(source, state)) {
    const removed = removedAt.get(object.key.slice(source.folder.length + 1));
    const unknownAge = Math.max(retention, youngestOrphan);
    const due = removed === undefined ? object.modified < now - unknownAge : removed <= now - retention;
    if (due && (removed !== undefined || !(await isKept(object.key, options.keeps)))) data.push(object);
  }
  const logAge = (options.logRetentionHours ?? 720) * hour;
  const log = await oldLogObjects(source, now - logAge, now - youngestOrphan);
  if (options.dryRun !== true) await removeFenced(source, [...data, ...log], options.fence);
  const bytes = [...data, ...log].reduce((sum, object) => sum + object.size, 0);
  return { files: data.map(({ key }) => key), log: log.map(({ key }) => key), bytes };
}

/** The keys that were deleted. Without `taskId`, half-written log files of dead writers go too. */
export async function cleanOrphanFiles(
  source: Source,
  state: TableState | undefined,
  { olderThan, taskId, keeps }: OrphanOptions,
): Promise<string[]> {
  const removed = state === undefined ? [] : (await removalsOf(source, state)).keys();
  const known = new Set([...removed].map(decodePath));
  const orphans: string[] = [];
  for await (const { key, modified } of dataObjects(source, state)) {
    if (known.has(key.slice(source.folder.length + 1))) continue;
    if (olderThan !== undefined && modified >= olderThan.getTime()) continue;
    if (taskId !== undefined && taskOfFile(nameOf(key)) !== taskId) continue;
    if (!(await isKept(key, keeps))) orphans.push(key);
  }
  if (taskId === undefined)
    orphans.push(...(await temporaryKeys(source, olderThan ?? aliveSince(source, keeps))));
  for (const key of orphans) await source.store.remove(key);
  return orphans;
}

/** A temporary file does not say whose it is: where others may live, only one that is too old for a commit is theirs no more. */
function aliveSince({ clock }: Source, keeps: OrphanOptions["keeps"]): Date | undefined {
  return keeps === undefined ? undefined : new Date(clock().getTime() - hour);
}

/** A staged file of a task that may still commit it. */
async function isKept(key: string, keeps: OrphanOptions["keeps"]): Promise<boolean> {
  const task = taskOfFile(nameOf(key));
  return keeps !== undefined && task !== undefined && (await keeps(task));
}

function nameOf(key: string): string {
  return key.slice(key.lastIndexOf("/") + 1);
}

async function removeFenced(
  { store }: Source,
  objects: readonly StoredObject[],
  fence: VacuumOptions["fence"],
): Promise<void> {
  for (const [index, { key }] of objects.entries()) {
    if (index % fenceEvery === 0) await fence?.();
    await store.remove(key);
  }
}

/** Half-written commits and checkpoints of killed writers. */
async function temporaryKeys({ store, folder }: Source, olderThan: Date | undefined): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key, modified } of store.list(`${folder}/_delta_log/.`))
    if (key.includes(".tmp") && (olderThan === undefined || modified < olderThan.getTime())) keys.push(key);
  return keys;
}

/** Objects of the dataset's folder outside the log that the newest version does not hold. */
async function* dataObjects(
  { store, folder }: Source,
  state: TableState | undefined,
): AsyncIterable<StoredObject> {
  const live = new Set([...(state?.files().keys() ?? [])].map(decodePath));
  for await (const object of store.list(`${folder}/`)) {
    const path = object.key.slice(folder.length + 1);
    if (!isReserved(path) && !live.has(path)) yield object;
  }
}

/** Delta: names that start with _ or . belong to nobody, except folders of partition columns. */
function isReserved(path: string): boolean {
  const first = path.split("/")[0] ?? "";
  return first.startsWith(".") || (first.startsWith("_") && !first.includes("="));
}

/**
 * Commits and checkpoints before the newest checkpoint that is older than `before`, and temporary files of killed writers.
 * All versions from that checkpoint on stay readable.
 */
async function oldLogObjects(
  { store, folder }: Source,
  before: number,
  deadBefore: number,
): Promise<StoredObject[]> {
  const prefix = `${folder}/_delta_log/`;
  const objects: StoredObject[] = [];
  let start = "";
  for await (const object of store.list(prefix)) {
    objects.push(object);
    const name = object.key.slice(prefix.length);
    if (/^\d{20}\.checkpoint\.parquet$/.test(name) && object.modified < before) start = name.slice(0, 20);
  }
  return objects.filter(({ key, modified }) => {
    const name = key.slice(prefix.length);
    if (name.startsWith(".") && name.includes(".tmp")) return modified < deadBefore;
    return start !== "" && /^\d{20}\./.test(name) && name < padVersion(Number(start)) && modified < before;
  });
}
