#!/usr/bin/env node
/** The outermost layer: the process's streams, signals, environment and exit code. Everything else gets them as parameters. */
import { tmpdir } from "node:os";
import { ShoplakeError } from "../util/errors.ts";
import type { Output } from "./context.ts";
import { exitCodeOf, exitCodes, failureDocument, renderFailure, reportInternal } from "./failure.ts";
import { packageVersion, runProgram, type Surroundings } from "./program.ts";
import { wantsColor } from "./style.ts";

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

/** Prints what a person needs, and with --json the same as one document; returns the exit code. */
function explain(thrown: unknown, argv: readonly string[]): number {
  const error = interruption.signal.aborted ? asInterruption(thrown) : thrown;
  const code = exitCodeOf(error);
  if (argv.includes("--json")) process.stdout.write(`${JSON.stringify({ error: failureDocument(error) })}\n`);
  if (code === exitCodes.internal) {
    const about = { version: packageVersion(), at: new Date() };
    process.stderr.write(`${reportInternal(error, tmpdir(), about)}\n`);
  } else {
    const color = wantsColor(!argv.includes("--no-color"), process.stderr.isTTY, process.env);
    process.stderr.write(`${renderFailure(failureDocument(error), color).join("\n")}\n`);
  }
  return code;
}

function asInterruption(thrown: unknown): ShoplakeError {
  if (thrown instanceof ShoplakeError && thrown.code === "interrupted") return thrown;
  return new ShoplakeError("interrupted", "interrupted", { cause: thrown });
}

function flushed(output: Output): Promise<void> {
  return new Promise((resolve) => output.write("", () => resolve()));
}

process.on("SIGINT", onSignal);
process.on("SIGTERM", onSignal);
process.stdout.on("error", onBrokenPipe);
process.stderr.on("error", onBrokenPipe);

const argv = process.argv.slice(2);
const code = await runProgram(surroundings(), argv).catch((error: unknown) => explain(error, argv));
await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
process.exit(code);
