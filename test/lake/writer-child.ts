/** A writer in a process of its own (writer.mjs, on built JavaScript): killed at a step, at a time, or left alone. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { TEST_ENGINE } from "../engine/harness.ts";
import type { StoreUnderTest } from "./stores.ts";

export interface ChildWork {
  readonly dataset: string;
  /** Also the position's appId: commit n has position n. */
  readonly taskId: string;
  readonly commits: number;
  /** The process kills itself with SIGKILL at the n-th step of writing; 0 never. Default 0. */
  readonly dieAtStep?: number;
  /** Default 20. */
  readonly checkpointEvery?: number;
}

export interface Child {
  /** Numbers of acknowledged commits, as they come. */
  readonly acknowledged: readonly number[];
  kill(): void;
  /** "SIGKILL", or the exit code. */
  readonly ended: Promise<string>;
}

export function startWriter(under: StoreUnderTest, work: ChildWork): Child {
  const script = fileURLToPath(new URL("./writer.mjs", import.meta.url));
  const place =
    under.folder === undefined
      ? { s3: { endpoint: under.endpoint, region: "us-east-1", bucket: "lake", prefix: "shops/one" } }
      : { folder: under.folder };
  const options = {
    ...work,
    ...place,
    stateDir: join(under.dir, "state"),
    engine: TEST_ENGINE,
    checkpointEvery: work.checkpointEvery ?? 20,
  };
  const child = spawn(process.execPath, [script, JSON.stringify(options)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const acknowledged: number[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => acknowledged.push(Number(line)));
  return {
    acknowledged,
    kill: () => child.kill("SIGKILL"),
    ended: new Promise((resolve) => child.on("close", (code, signal) => resolve(signal ?? String(code)))),
  };
}
