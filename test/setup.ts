import { execFileSync } from "node:child_process";

/** Builds dist/ once before the tests: child processes (engine, CLI) run the built JavaScript. */
export default function setup(): void {
  execFileSync(process.execPath, ["scripts/build.mjs", "--no-types"], { stdio: "inherit" });
}
