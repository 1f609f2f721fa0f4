/** JSON files that only save time: one that is missing or damaged is empty, one that cannot be written is no error. */
import { createHash, randomUUID } from "node:crypto";
import { readFile, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { makePrivateFolder, writePrivateFile } from "./private-files.ts";

/** undefined when there is nothing that can be read. */
export async function readMemory(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, "utf8"));
  } catch {
    return undefined;
  }
}

/** A reader finds the old or the new one, never a part of it. */
export async function writeMemory(file: string, value: unknown): Promise<void> {
  const temporary = `${file}.${randomUUID()}.tmp`;
  try {
    await makePrivateFolder(dirname(file));
    await writePrivateFile(temporary, JSON.stringify(value));
    await rename(temporary, file);
  } catch {}
}

/** One value, good for one key. */
export interface KeyedMemory<T> {
  /** Undefined when nothing was kept, or for another key. */
  recall(): Promise<T | undefined>;
  /** In the place of what was kept before. */
  keep(value: T): Promise<void>;
}

/** `key`: all that the value depends on; anything that JSON can hold. */
export function keyedMemory<T>(file: string, key: unknown): KeyedMemory<T> {
  const hash = createHash("sha256").update(JSON.stringify(key)).digest("hex");
  return {
    async recall() {
      const stored = (await readMemory(file)) as
        | { readonly hash: string; readonly value: T }
        | undefined
        | null;
      return stored?.hash === hash ? stored.value : undefined;
    },
    keep: (value) => writeMemory(file, { hash, value }),
  };
}
