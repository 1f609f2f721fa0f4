/** Are the data files of a change still there? A version that names a missing file could be read by nobody. */
import { isRetryable, ShoplakeError } from "../../util/errors.ts";
import { decodePath } from "../partition.ts";
import type { LakeStore } from "../store/store.ts";
import type { DataFile } from "./state.ts";

/** Files looked for at a time. */
const atOnce = 16;

interface StagedIn {
  readonly store: LakeStore;
  /** The dataset's folder in the store. */
  readonly folder: string;
  readonly dataset: string;
}

/**
 * Throws a retryable `conflict` that names a missing file. Costs one small request for each file. A store that does not answer:
 * with `strict` its error is thrown, else the files count as there, and the commit itself tells what the store says.
 */
export async function requireStaged(
  place: StagedIn,
  files: readonly DataFile[],
  strict: boolean,
): Promise<void> {
  const { store, folder, dataset } = place;
  const isThere = async (key: string): Promise<boolean> => {
    try {
      return await store.exists(key);
    } catch (error) {
      if (strict || !isRetryable(error)) throw error;
      return true;
    }
  };
  const missing: string[] = [];
  for (let i = 0; i < files.length; i += atOnce) {
    const keys = files.slice(i, i + atOnce).map((file) => `${folder}/${decodePath(file.path)}`);
    const there = await Promise.all(keys.map(isThere));
    missing.push(...keys.filter((_, index) => there[index] === false));
  }
  if (missing.length === 0) return;
  throw new ShoplakeError(
    "conflict",
    `${missing.length} of ${files.length} staged data files were deleted before they could be committed`,
    {
      where: `${dataset} (${store.location}/${missing[0]})`,
      hint: "Nothing was published; run again. Only shoplake may delete files of the lake.",
      retryable: true,
    },
  );
}
