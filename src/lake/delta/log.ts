/** Finds and replays the log of a table: newest checkpoint, then the commits after it. */
import type { Engine } from "../../engine/engine.ts";
import { ShoplakeError } from "../../util/errors.ts";
import type { LakeStore } from "../store/store.ts";
import { type Actions, commitKey, padVersion, parseCommit } from "./actions.ts";
import { checkpointKey } from "./checkpoint.ts";
import { readCheckpoint } from "./read-checkpoint.ts";
import { replay, type TableState } from "./state.ts";

/** One commit of the log, read. */
export interface Commit {
  /** Number of the version that it made. */
  readonly version: number;
  /** What it did. */
  readonly actions: Actions;
}

/** What one needs to read a table's log. `folder` is the dataset's folder in the store. */
export interface LogSource {
  /** Reads checkpoints. */
  readonly engine: Engine;
  /** Where the log is. */
  readonly store: LakeStore;
  /** Without a slash at its end: "silver/orders". */
  readonly folder: string;
}

interface LogFiles {
  readonly commits: readonly number[];
  /** version -> keys of a complete checkpoint */
  readonly checkpoints: ReadonlyMap<number, readonly string[]>;
  /** Version of the newest checkpoint in the format this reader does not know, -1 without. */
  readonly unknownCheckpoint: number;
}

/**
 * The table at its newest version; undefined when there is none. One small read names the last checkpoint, which is read
 * together with the commits after it: found by name where listing the log costs its whole length, else by a LIST. What looks
 * odd (nothing after the checkpoint, a hole, no such checkpoint) is told by the list of the whole log.
 */
export async function openLog(source: LogSource): Promise<TableState | undefined> {
  const state = await findLog(source);
  return state && named(source, state);
}

async function findLog(source: LogSource): Promise<TableState | undefined> {
  const { version: hint, parts } = await lastCheckpoint(source);
  const early = hint > 0 && !parts ? readEarly(source, hint) : undefined;
  if (early !== undefined && !source.store.seeks) {
    const commits = await commitsAfter(source, hint);
    const hole = await isBeforeHole(source, hint + commits.length);
    const state = await early.state.catch(() => undefined);
    if (state !== undefined && commits.length > 0 && !hole) return replay(state, commits, source.folder);
  }
  const files = await listLog(source, hint);
  if (hint > 0 && !files.checkpoints.has(hint)) return load(source, await listLog(source, 0), {});
  return load(source, files, { early });
}

interface EarlyRead {
  readonly version: number;
  readonly state: Promise<TableState>;
}

/** Begun before it is known to exist: its error counts only when its state is used. */
function readEarly(source: LogSource, version: number): EarlyRead {
  const state = readCheckpoint(source, { version, keys: [checkpointKey(source.folder, version)] });
  state.catch(() => {});
  return { version, state };
}

/** The table as it was at `version`. Throws `lake` when its commits are gone. */
export async function openLogAt(source: LogSource, version: number): Promise<TableState> {
  const state = await load(source, await listLog(source, 0), { upTo: version });
  if (state === undefined || state.version !== version)
    throw new ShoplakeError("lake", `version ${version} is not there`, {
      where: source.folder,
      allowed: state === undefined ? "none: there is no such table" : `versions up to ${state.version}`,
      hint: "shoplake history <dataset> shows the versions",
    });
  return named(source, state);
}

/** A checkpoint of another program, or of release 0.1.0, does not name its commit: the commit's file does, while it is there. */
async function named(source: LogSource, state: TableState): Promise<TableState> {
  if (state.commitName !== undefined) return state;
  const commit = await readCommit(source, state.version);
  return commit === undefined ? state : { ...state, commitName: commit.actions.name };
}

/** False when the newest commit that `state` knows is not there any more, or is another one. */
export async function isStillThere(source: LogSource, state: TableState): Promise<boolean> {
  const commit = await readCommit(source, state.version);
  return commit !== undefined && commit.actions.name === state.commitName;
}

/** The same table at its newest version, reading only commits after `state`. The same object when there are none. */
export async function refreshLog(source: LogSource, state: TableState): Promise<TableState> {
  const commits = await commitsAfter(source, state.version);
  return replay(state, commits, source.folder) ?? state;
}

/**
 * All commits after a version. Tries the next versions in batches of 1, 2, 4, ... until one is absent: when there is
 * nothing new that is one failed read, cheaper than a LIST.
 */
export async function commitsAfter(source: LogSource, version: number): Promise<Commit[]> {
  const commits: Commit[] = [];
  for (let next = version + 1, batch = 1; ; next += batch, batch = Math.min(batch * 2, 64)) {
    const versions = Array.from({ length: batch }, (_, i) => next + i);
    const found = await Promise.all(versions.map((wanted) => readCommit(source, wanted)));
    for (const commit of found) {
      if (commit === undefined) return commits;
      commits.push(commit);
    }
  }
}

/** True when one of the versions behind the next one is there: the next one is missing, or they came just now. */
async function isBeforeHole(source: LogSource, head: number): Promise<boolean> {
  const found = await Promise.all(
    [2, 3, 4, 5].map((n) => source.store.read(commitKey(source.folder, head + n))),
  );
  return found.some((bytes) => bytes !== undefined);
}

/** undefined: there is no such commit (yet, or any more). Throws `lake` when it is damaged. */
export async function readCommit(source: LogSource, version: number): Promise<Commit | undefined> {
  const key = commitKey(source.folder, version);
  const bytes = await source.store.read(key);
  return bytes === undefined ? undefined : { version, actions: parseCommit(bytes, key) };
}

interface LastCheckpoint {
  /** 0 when nobody named one. */
  readonly version: number;
  /** In several files, as other programs write them. */
  readonly parts: boolean;
}

async function lastCheckpoint({ store, folder }: LogSource): Promise<LastCheckpoint> {
  const bytes = await store.read(`${folder}/_delta_log/_last_checkpoint`);
  const none = { version: 0, parts: false };
  if (bytes === undefined) return none;
  try {
    const { version, parts } = JSON.parse(Buffer.from(bytes).toString("utf8")) as Record<string, unknown>;
    return typeof version === "number" ? { version, parts: Number(parts ?? 0) > 0 } : none;
  } catch {
    return none;
  }
}

async function listLog({ store, folder }: LogSource, from: number): Promise<LogFiles> {
  const commits: number[] = [];
  const checkpoints = new Map<number, string[]>();
  let unknownCheckpoint = -1;
  const prefix = `${folder}/_delta_log/`;
  const after = from > 0 ? `${prefix}${padVersion(from)}` : undefined;
  const parts = new Map<string, string[]>();
  for await (const key of store.keys(prefix, after)) {
    const match = /^(\d{20})\.(json|checkpoint(?:\.(.+))?\.(?:parquet|json))$/.exec(key.slice(prefix.length));
    if (match === null) continue;
    const version = Number(match[1]);
    const part = /^\d{10}\.(\d{10})$/.exec(match[3] ?? "");
    if (match[2] === "json") commits.push(version);
    else if (match[3] === undefined) checkpoints.set(version, [key]);
    else if (part === null) unknownCheckpoint = Math.max(unknownCheckpoint, version);
    else {
      const group = parts.get(`${version}.${part[1]}`) ?? [];
      parts.set(`${version}.${part[1]}`, [...group, key]);
      if (group.length + 1 === Number(part[1])) checkpoints.set(version, [...group, key]);
    }
  }
  return { commits, checkpoints, unknownCheckpoint };
}

async function load(
  source: LogSource,
  files: LogFiles,
  { upTo, early }: { readonly upTo?: number; readonly early?: EarlyRead | undefined },
): Promise<TableState | undefined> {
  const limit = upTo ?? Number.MAX_SAFE_INTEGER;
  const start = Math.max(-1, ...[...files.checkpoints.keys()].filter((version) => version <= limit));
  const versions = files.commits.filter((version) => version > start && version <= limit);
  if (start < 0 && versions.length === 0) return undefined;
  versions.forEach((version, index) => {
    if (version !== start + 1 + index) throw gap(source, start + 1 + index, files.unknownCheckpoint);
  });
  const keys = files.checkpoints.get(start);
  const base =
    early?.version === start ? early.state : keys && readCheckpoint(source, { version: start, keys });
  const [state, commits] = await Promise.all([base, readAll(source, versions)]);
  return replay(state, commits, source.folder);
}

/** 32 reads at a time. */
async function readAll(source: LogSource, versions: readonly number[]): Promise<Commit[]> {
  const commits: Commit[] = [];
  for (let i = 0; i < versions.length; i += 32) {
    const some = versions.slice(i, i + 32);
    const found = await Promise.all(some.map((version) => readCommit(source, version)));
    found.forEach((commit, index) => {
      if (commit === undefined) throw gap(source, some[index] ?? -1, -1);
      commits.push(commit);
    });
  }
  return commits;
}

function gap({ folder, store }: LogSource, version: number, unknownCheckpoint: number): ShoplakeError {
  const where = `${store.location}/${commitKey(folder, version)}`;
  if (unknownCheckpoint >= version)
    return new ShoplakeError(
      "unsupported",
      "the table has only a checkpoint in format v2, written by another program",
      {
        where,
        hint: "let that program write a classic checkpoint (delta.checkpointPolicy = classic)",
      },
    );
  return new ShoplakeError("lake", `commit ${version} of the table's log is missing`, {
    where,
    hint: "restore the file from a backup; without it the table cannot be read by any program",
  });
}
