/** A real embedded engine in a folder of its own, for every test that needs ClickHouse. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Engine } from "../../src/engine/engine.ts";
import { openEngine } from "../../src/engine/open.ts";
import type { EngineConfig } from "../../src/project/project.ts";

export type EmbeddedConfig = Extract<EngineConfig, { kind: "embedded" }>;

/** Small enough that two test files at once fit on a small machine. */
export const TEST_ENGINE: EmbeddedConfig = {
  kind: "embedded",
  memoryBytes: 1_500_000_000,
  threads: 2,
  slots: 8,
};

export interface TestEngine {
  readonly engine: Engine;
  /** The engine's state folder, an absolute path; removed by `stop`. Put files for a test into folders of it. */
  readonly dir: string;
  /** Stops the engine and removes the folder. */
  stop(): Promise<void>;
}

/** `const t = await embeddedForTests()` in beforeAll, `await t.stop()` in afterAll. */
export async function embeddedForTests(config: Partial<EmbeddedConfig> = {}): Promise<TestEngine> {
  const dir = await temporaryDir();
  const engine = await openEngine({ stateDir: dir, config: { ...TEST_ENGINE, ...config } });
  return {
    engine,
    dir,
    async stop() {
      await engine.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

export function temporaryDir(): Promise<string> {
  return mkdtemp(join(tmpdir(), "shoplake-engine-"));
}
