/** One command line from start to exit code: what goes wrong is explained, never thrown. */
import { tmpdir } from "node:os";
import { ShoplakeError } from "../util/errors.ts";
import { fileFault } from "../util/file-fault.ts";
import { packageVersion, runProgram, type Surroundings } from "./program.ts";
import { exitCodeOf, exitCodes, failureDocument, renderFailure, reportInternal } from "./terminal/failure.ts";
import { wantsColor } from "./terminal/style.ts";

/** Arguments without node and script. Returns the exit code; errors are printed as a person needs them, with --json also as a document. */
export async function runCommandLine(surroundings: Surroundings, argv: readonly string[]): Promise<number> {
  try {
    return await runProgram(surroundings, argv);
  } catch (error) {
    const told = surroundings.signal.aborted ? asInterruption(error) : (fileFault(error) ?? error);
    return explain(told, surroundings, argv);
  }
}

function explain(
  error: unknown,
  { stdout, stderr, env, clock }: Surroundings,
  argv: readonly string[],
): number {
  const code = exitCodeOf(error);
  if (argv.includes("--json")) stdout.write(`${JSON.stringify({ error: failureDocument(error) })}\n`);
  if (code === exitCodes.internal) {
    const about = { version: packageVersion(), at: clock() };
    stderr.write(`${reportInternal(error, tmpdir(), about)}\n`);
  } else {
    const color = wantsColor(!argv.includes("--no-color"), stderr.isTTY, env);
    stderr.write(`${renderFailure(failureDocument(error), color).join("\n")}\n`);
  }
  return code;
}

/** Whatever broke because the user stopped the command is the interruption. */
function asInterruption(thrown: unknown): ShoplakeError {
  if (thrown instanceof ShoplakeError && thrown.code === "interrupted") return thrown;
  return new ShoplakeError("interrupted", "interrupted", { cause: thrown });
}
