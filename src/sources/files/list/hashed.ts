/** Contents of the files that are there. */
import { readFile } from "node:fs/promises";
import type { SourceContext } from "../../source.ts";
import { type HashCache, hashOf } from "./hash.ts";
import { isGone, type StoredFile, unreadable } from "./local.ts";

/** A stored file whose content is known. */
export interface HashedStoredFile extends StoredFile {
  /** 16 hex digits, see content.ts. */
  readonly hash: string;
}

/** Bytes up to which a file is read at once: a stream costs more than hashing it. */
const small = 1 << 20;

/** A file written less than this ago may change again without a new modification time. */
const youngMs = 2000;

/** All files with their hashes, unchanged ones from the cache. One that vanished meanwhile is left out with a warning. */
export async function hashedFiles(
  files: readonly StoredFile[],
  cache: HashCache,
  now: () => Date,
  { warn, signal }: Pick<SourceContext, "warn" | "signal">,
): Promise<HashedStoredFile[]> {
  const hashed: HashedStoredFile[] = [];
  for (const file of files) {
    signal.throwIfAborted();
    const known = cache.get(file.path, file.stamp);
    const hash = known ?? (await hashFile(file, warn));
    if (hash === undefined) continue;
    if (known === undefined && now().getTime() - file.modified >= youngMs)
      cache.set(file.path, file.stamp, hash);
    hashed.push({ ...file, hash });
  }
  return hashed;
}

async function hashFile(file: StoredFile, warn: (message: string) => void): Promise<string | undefined> {
  try {
    return await hashOf(
      file.local !== undefined && file.size < small ? [await readFile(file.local)] : await file.open(),
    );
  } catch (error) {
    if (file.local === undefined) throw error;
    if (!isGone(error)) throw unreadable(file.path, error);
    warn(`${file.path} vanished before it was read.`);
    return undefined;
  }
}
