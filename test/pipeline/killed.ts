/** Runs a project in a process of its own that is killed on the way. */
import { spawn } from "node:child_process";
import { join } from "node:path";

export interface Kill {
  /** "start", "step:publish", "step:publish:silver.orders". */
  readonly kind: string;
  /** At the n-th event of this kind. */
  readonly nth: number;
  /** Milliseconds later. */
  readonly delay: number;
  readonly victim: "self" | "engine";
}

/** How it ended: "SIGKILL", or its exit code and the state of the run: "0 success". */
export function killedRun(dir: string, { kind, nth, delay, victim }: Kill): Promise<string> {
  return new Promise((resolve) => {
    const script = join(import.meta.dirname, "killed-run.mjs");
    const child = spawn(process.execPath, [script, dir, kind, String(nth), String(delay), victim], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    child.stdout.on("data", (data) => (output += data));
    child.stderr.on("data", (data) => (output += data));
    child.on("close", (code, signal) => resolve(`${code ?? signal} ${output}`.trim()));
  });
}
