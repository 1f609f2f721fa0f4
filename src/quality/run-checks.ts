/** Runs the checks of one dataset: one statement for all of them, then one per failing check for sample rows. */

import type { CheckResult } from "../api/checks.ts";
import { ShoplakeError } from "../util/errors.ts";
import { type AskOptions, answerAll } from "./ask-checks.ts";
import { type ResultOptions, resultOf } from "./check-result.ts";
import { type CompileOptions, compileCheck, compileInput } from "./compile-checks.ts";

/** The checks, the rows to look at, and what the checks may ask for. */
export type RunChecksOptions = CompileOptions & AskOptions & ResultOptions;

/**
 * Results in the order of `checks`. Bad data gives `warn` or `fail`, a statement that the engine refuses `error`; neither
 * throws. Throws when the engine is gone or `signal` fires.
 */
export async function runChecks(options: RunChecksOptions): Promise<CheckResult[]> {
  if (options.checks.length === 0) return [];
  const input = await compileInput(options);
  const compiled = options.checks.map((spec) => compileCheck(spec, input));
  const answers = await answerAll(options, compiled);
  return Promise.all(
    options.checks.map((spec, i) => {
      const answer = answers[i] ?? new ShoplakeError("internal", "check was not run");
      return resultOf(options, spec, { check: compiled[i], answer });
    }),
  );
}

/** True when a result must stop the publication: an error-check that failed or could not be run. */
export function blocks(result: CheckResult): boolean {
  return result.severity === "error" && (result.status === "fail" || result.status === "error");
}
