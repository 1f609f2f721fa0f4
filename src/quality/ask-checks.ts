/** One statement for all checks of a dataset. */
import type { Engine } from "../engine/engine.ts";
import { ident } from "../engine/sql.ts";
import { ShoplakeError } from "../util/errors.ts";
import type { Answers, CompiledCheck } from "./check-type.ts";
import { withAliases } from "./sql-pieces.ts";

/** Where to ask. */
export interface AskOptions {
  /** Answers. */
  readonly engine: Engine;
  /** Table expression of the rows to look at, e.g. the staged files. */
  readonly from: string;
  /** Ends the statements; its reason is thrown. Default: nothing does. */
  readonly signal?: AbortSignal;
}

/** Answers in the order of `compiled`; an error for a check that could not be compiled, or that the engine refuses. */
export async function answerAll(
  options: AskOptions,
  compiled: readonly (CompiledCheck | ShoplakeError)[],
): Promise<readonly (Answers | ShoplakeError)[]> {
  const runnable = compiled.filter((check): check is CompiledCheck => !(check instanceof ShoplakeError));
  const answers = await askTogether(options, runnable);
  return compiled.map((check) =>
    check instanceof ShoplakeError ? check : (answers[runnable.indexOf(check)] ?? {}),
  );
}

/** One scan for all; when the engine refuses it, one for each half, so that in the end only broken checks report an error. */
async function askTogether(
  options: AskOptions,
  checks: readonly CompiledCheck[],
): Promise<readonly (Answers | ShoplakeError)[]> {
  try {
    return await ask(options, checks);
  } catch (error) {
    const refused = refusal(error, options.signal);
    if (checks.length === 1) return [refused];
    const half = Math.ceil(checks.length / 2);
    const first = await askTogether(options, checks.slice(0, half));
    return [...first, ...(await askTogether(options, checks.slice(half)))];
  }
}

async function ask(options: AskOptions, checks: readonly CompiledCheck[]): Promise<Answers[]> {
  if (checks.length === 0) return [];
  const columns = checks.flatMap((check, i) =>
    Object.entries(check.aggregates).map(([name, sql]) => `${sql} AS ${ident(`c${i}_${name}`)}`),
  );
  const [row = {}] = await options.engine.rows<Record<string, string | number | null>>(
    `${withAliases(checks.flatMap((check) => check.aliases ?? []))}SELECT ${columns.join(",\n  ")}\nFROM ${options.from}`,
    { ...(options.signal && { signal: options.signal }) },
  );
  return checks.map((check, i) =>
    Object.fromEntries(
      Object.keys(check.aggregates).map((name) => {
        const value = row[`c${i}_${name}`];
        return [name, value === null || value === undefined ? null : String(value)];
      }),
    ),
  );
}

/** What the engine refused is the check's fault; a lost engine, a memory limit that may pass, or an abort is not, and is thrown. */
function refusal(error: unknown, signal: AbortSignal | undefined): ShoplakeError {
  const refused = error instanceof ShoplakeError && error.code === "engine" && !error.retryable;
  if (signal?.aborted || !refused) throw error;
  return error;
}
