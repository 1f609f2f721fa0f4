/** The two kinds of store, each with an engine that can read and write it; every suite runs over both. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Engine } from "../../src/engine/engine.ts";
import { openEngine } from "../../src/engine/open.ts";
import { localStore } from "../../src/lake/store/local.ts";
import { type S3Options, s3Store } from "../../src/lake/store/s3.ts";
import type { LakeStore } from "../../src/lake/store/store.ts";
import { TEST_ENGINE } from "../engine/harness.ts";
import { hasService, s3Keys, secret, startS3 } from "./services.ts";

export interface StoreUnderTest {
  readonly store: LakeStore;
  readonly engine: Engine;
  /** The same place through another URL, e.g. a proxy; undefined for local disk. */
  readonly at: ((endpoint: string) => LakeStore) | undefined;
  readonly endpoint: string | undefined;
  /** Local folder of the lake; undefined for S3. */
  readonly folder: string | undefined;
  /** Folder of this test; the engine's state is in `state`. */
  readonly dir: string;
  stop(): Promise<void>;
}

export interface StoreKind {
  readonly kind: "local disk" | "S3";
  readonly available: boolean;
  open(): Promise<StoreUnderTest>;
}

export const storeKinds: readonly StoreKind[] = [
  { kind: "local disk", available: true, open: openLocal },
  { kind: "S3", available: hasService("s3"), open: openS3 },
];

async function openLocal(): Promise<StoreUnderTest> {
  const dir = await mkdtemp(join(tmpdir(), "shoplake-lake-"));
  const engine = await openEngine({ stateDir: join(dir, "state"), config: TEST_ENGINE });
  const folder = join(dir, "lake");
  return {
    store: localStore(folder),
    engine,
    at: undefined,
    endpoint: undefined,
    folder,
    dir,
    async stop() {
      await engine.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

async function openS3(): Promise<StoreUnderTest> {
  const dir = await mkdtemp(join(tmpdir(), "shoplake-lake-"));
  const s3 = await startS3();
  await s3.makeBucket("lake");
  const options: S3Options = {
    endpoint: s3.endpoint,
    region: "us-east-1",
    bucket: "lake",
    prefix: "shops/one",
    accessKeyId: secret(s3Keys.id),
    secretAccessKey: secret(s3Keys.secret),
  };
  const engine = await openEngine({
    stateDir: join(dir, "state"),
    config: TEST_ENGINE,
    s3: { shoplake_lake: options },
  });
  return {
    store: s3Store(options),
    engine,
    at: (endpoint) => s3Store({ ...options, endpoint }),
    endpoint: s3.endpoint,
    folder: undefined,
    dir,
    async stop() {
      await engine.close();
      await s3.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
