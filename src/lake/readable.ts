/** Old versions: which can still be read, and the error that says so when one cannot. */
import { ShoplakeError } from "../util/errors.ts";
import { type LogSource, openLogAt, readCommit } from "./delta/log.ts";
import type { TableState } from "./delta/state.ts";
import { decodePath } from "./partition.ts";

type Source = LogSource & { readonly dataset: string };

/** The table as it was at a version up to that of `head`. Throws `lake` when the log does not reach back so far. */
export async function openVersion(source: Source, head: TableState, version: number): Promise<TableState> {
  try {
    return await openLogAt(source, version);
  } catch (error) {
    const isOld = version >= 0 && version < head.version;
    if (!isOld || !(error instanceof ShoplakeError) || error.code !== "lake") throw error;
    throw await goneError(source, head, { version, what: "its part of the log is gone", cause: error });
  }
}

/** Throws `lake` when data files of an older version are gone. Costs a listing of the dataset's folder. */
export async function requireFiles(source: Source, head: TableState, old: TableState): Promise<void> {
  const existing = await existingPaths(source);
  const missing = [...old.files().keys()].filter((path) => !existing.has(decodePath(path)));
  if (missing.length === 0) return;
  const what = `${missing.length} of its data files are gone`;
  throw await goneError(source, head, { version: old.version, what });
}

interface Gone {
  readonly version: number;
  readonly what: string;
  readonly cause?: unknown;
}

async function goneError(source: Source, head: TableState, gone: Gone): Promise<ShoplakeError> {
  const { dataset, folder, store } = source;
  const oldest = await oldestReadable(source, head);
  return new ShoplakeError(
    "lake",
    `version ${gone.version} of ${dataset} can be neither read nor restored any more: ${gone.what}`,
    {
      where: `${store.location}/${folder}`,
      allowed:
        oldest === head.version ? `version ${oldest}, the newest` : `versions ${oldest} to ${head.version}`,
      hint: `vacuum deletes what no version within the retention needs; the oldest version left is ${oldest}: shoplake show ${dataset} --version ${oldest}. The table property delta.deletedFileRetentionDuration keeps files longer`,
      cause: gone.cause,
    },
  );
}

/** The oldest version from which on all are readable: going back, a commit is gone, or a file that it removed. */
async function oldestReadable(source: Source, head: TableState): Promise<number> {
  const existing = await existingPaths(source);
  for (let version = head.version; version > 0; version--) {
    const commit = await readCommit(source, version);
    if (commit === undefined) return Math.min(version + 1, head.version);
    if (commit.actions.removes.some(({ path }) => !existing.has(decodePath(path)))) return version;
  }
  return 0;
}

async function existingPaths({ store, folder }: LogSource): Promise<ReadonlySet<string>> {
  const paths = new Set<string>();
  for await (const key of store.keys(`${folder}/`)) paths.add(key.slice(folder.length + 1));
  return paths;
}
