/** Declared checks as SQL, with what they need to know of the dataset. */

import type { CheckSpec } from "../api/checks.ts";
import { messageOf, ShoplakeError } from "../util/errors.ts";
import { checkRegistry } from "./check-registry.ts";
import type { CompiledCheck, CompileInput, JudgedTask } from "./check-type.ts";

/** What a check may ask for; most of it is looked up only when one does. */
export interface CompileOptions extends Pick<CompileInput, "dataset" | "from"> {
  /** As declared; all of one dataset. */
  readonly checks: readonly CheckSpec[];
  /** Columns by which these rows are sorted. Default: not known. */
  readonly sortedBy?: readonly string[];
  /** Table expression of another dataset at the version to compare with; undefined: it does not exist. */
  readonly resolve: (dataset: string) => string | undefined | Promise<string | undefined>;
  /** Row counts of earlier publications, newest first. Asked only when a check compares with them. */
  readonly history: (points: number) => Promise<readonly number[]>;
  /** What "now" is for all of them. */
  readonly clock: () => Date;
  /** Whose rows these are; undefined: published rows. */
  readonly task?: JudgedTask;
}

/** Other datasets that a check reads, as it is declared. */
export function datasetsOf(check: CheckSpec): readonly string[] {
  return check.reads ?? checkRegistry.get(check.type)?.datasets(check) ?? [];
}

/** True when only new rows need to be judged: the verdict on a row follows from that row. */
export function judgesRows(check: CheckSpec): boolean {
  return checkRegistry.get(check.type)?.judges === "row";
}

/** Looks up what the checks ask for, once for all of them. */
export async function compileInput(options: CompileOptions): Promise<CompileInput> {
  const names = [...new Set(options.checks.flatMap(datasetsOf))];
  const found = new Map(
    await Promise.all(
      names.map(async (name) => {
        const from = name === options.dataset ? options.from : await options.resolve(name);
        return [name, from] as const;
      }),
    ),
  );
  const points = Math.max(
    0,
    ...options.checks.map((check) => checkRegistry.get(check.type)?.history(check) ?? 0),
  );
  return {
    dataset: options.dataset,
    from: options.from,
    sortedBy: options.sortedBy ?? [],
    history: points === 0 ? [] : await options.history(points),
    now: options.clock(),
    task: options.task,
    other: (dataset) => {
      const from = found.get(dataset);
      if (from !== undefined) return from;
      throw new ShoplakeError("quality", `dataset ${dataset} does not exist or was never published`);
    },
  };
}

/** An error instead of SQL for a check that cannot be: another type, arguments that name what is not there. */
export function compileCheck(spec: CheckSpec, input: CompileInput): CompiledCheck | ShoplakeError {
  const type = checkRegistry.get(spec.type);
  if (!type) return new ShoplakeError("quality", `unknown check type ${spec.type}`);
  try {
    return type.compile(spec, input);
  } catch (error) {
    return error instanceof ShoplakeError ? error : new ShoplakeError("quality", messageOf(error));
  }
}
