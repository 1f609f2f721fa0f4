/** The two kinds of store, without an engine. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { localStore } from "../../src/lake/store/local.ts";
import { s3Store } from "../../src/lake/store/s3.ts";
import type { LakeStore } from "../../src/lake/store/store.ts";
import { hasService, s3Keys, secret, startS3 } from "../lake/services.ts";

export interface EmptyStore {
  readonly store: LakeStore;
  stop(): Promise<void>;
}

export const emptyStores = [
  { kind: "local disk", available: true, open: openLocal },
  { kind: "S3", available: hasService("s3"), open: openS3 },
] as const;

async function openLocal(): Promise<EmptyStore> {
  const dir = await mkdtemp(join(tmpdir(), "shoplake-lease-"));
  return { store: localStore(dir), stop: () => rm(dir, { recursive: true, force: true }) };
}

async function openS3(): Promise<EmptyStore> {
  const s3 = await startS3();
  await s3.makeBucket("lake");
  const store = s3Store({
    endpoint: s3.endpoint,
    region: "us-east-1",
    bucket: "lake",
    prefix: "shops/one",
    accessKeyId: secret(s3Keys.id),
    secretAccessKey: secret(s3Keys.secret),
  });
  return { store, stop: () => s3.stop() };
}

/** Every object under a prefix. */
export async function keysOf(store: LakeStore, prefix = ""): Promise<string[]> {
  const keys: string[] = [];
  for await (const key of store.keys(prefix)) keys.push(key);
  return keys;
}
