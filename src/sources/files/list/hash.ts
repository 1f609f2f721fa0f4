/** What a file is by its content: its hash, and a local memory of hashes that only saves time. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import type { Readable } from "node:stream";
import { readMemory, writeMemory } from "../../../util/memory-file.ts";

/** 16 lower-case hex digits: the first 64 bits of the SHA-256 of the bytes. */
export async function hashOf(bytes: AsyncIterable<Uint8Array> | readonly Uint8Array[]): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of bytes) hash.update(chunk);
  return hash.digest("hex").slice(0, 16);
}

/** A local file as a stream of chunks of 1 MiB. */
export function readBytes(path: string): Readable {
  return createReadStream(path, { highWaterMark: 1 << 20 });
}

/** Path -> hash, valid while the stamp (size, modification time, inode; S3: size and ETag) stays the same. */
export interface HashCache {
  /** undefined: not known, or known with another stamp. */
  get(path: string, stamp: string): string | undefined;
  /** Replaces what was known of the path; written by `save`. */
  set(path: string, stamp: string, hash: string): void;
  /** Writes it when something was added. Never fails: a lost cache costs time only. */
  save(): Promise<void>;
}

/** Knows nothing and keeps nothing. */
export const noCache: HashCache = { get: () => undefined, set: () => {}, save: async () => {} };

/** Opens the cache file; one that is missing or damaged counts as empty. */
export async function openCache(file: string): Promise<HashCache> {
  const known = await readCache(file);
  let changed = false;
  return {
    get: (path, stamp) => {
      const entry = known.get(path);
      return entry?.[0] === stamp ? entry[1] : undefined;
    },
    set: (path, stamp, hash) => {
      known.set(path, [stamp, hash]);
      changed = true;
    },
    save: async () => {
      if (changed) await writeMemory(file, Object.fromEntries(known));
    },
  };
}

async function readCache(file: string): Promise<Map<string, readonly [stamp: string, hash: string]>> {
  const stored = (await readMemory(file)) ?? {};
  const entries = Object.entries(stored as Record<string, [string, string]>);
  return new Map(entries.filter(([, entry]) => Array.isArray(entry) && /^[0-9a-f]{16}$/.test(entry[1])));
}
