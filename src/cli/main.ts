#!/usr/bin/env node
/** The outermost layer: the process's streams, signals, environment and exit code. Everything else gets them as parameters. */
import { ShoplakeError } from "../util/errors.ts";
import { runCommandLine } from "./command-line.ts";
import type { Output } from "./context.ts";
import type { Surroundings } from "./program.ts";
import { exitCodes } from "./terminal/failure.ts";

const interruption = new AbortController();

/** The first signal asks the command to stop cleanly, the second stops at once. */
function onSignal(): void {
  if (interruption.signal.aborted) process.exit(exitCodes.interrupted);
  process.stderr.write("\nstopping cleanly; press Ctrl-C again to stop at once\n");
  interruption.abort(new ShoplakeError("interrupted", "interrupted"));
}

/** A reader that went away (`shoplake query ... | head`) is no error. */
function onBrokenPipe(error: NodeJS.ErrnoException): void {
  process.exit(error.code === "EPIPE" ? exitCodes.good : exitCodes.failed);
}

function surroundings(): Surroundings {
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    stdin: process.stdin,
    env: process.env,
    clock: () => new Date(),
    cwd: process.cwd(),
    signal: interruption.signal,
  };
}

function flushed(output: Output): Promise<void> {
  return new Promise((resolve) => output.write("", () => resolve()));
}

process.on("SIGINT", onSignal);
process.on("SIGTERM", onSignal);
process.stdout.on("error", onBrokenPipe);
process.stderr.on("error", onBrokenPipe);

const code = await runCommandLine(surroundings(), process.argv.slice(2));
await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
process.exit(code);
