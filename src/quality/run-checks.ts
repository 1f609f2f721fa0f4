/** Runs the checks of one dataset: one statement for all of them, then one per failing check for sample rows. */
import type { Column, Engine } from "../engine/engine.ts";
import { ident, table } from "../engine/sql.ts";
import { messageOf, ShoplakeError } from "../util/errors.ts";
import { namedDatasets } from "./bind-tables.ts";
import type { CheckResult, CheckSpec, CheckStatus } from "./check.ts";
import type { Answers, CompiledCheck, CompileInput, Finding, JudgedTask } from "./check-type.ts";
import { checkRegistry } from "./checks/registry.ts";
import { VOLUME_POINTS } from "./checks/volume.ts";
import { splitColumn, withAliases } from "./sql-pieces.ts";

export interface RunChecksOptions {
  readonly engine: Engine;
  readonly checks: readonly CheckSpec[];
  /** "silver.orders" */
  readonly dataset: string;
  /** Table expression of the rows to look at, e.g. the staged files. */
  readonly from: string;
  /** Columns by which these rows lie sorted. Default: not known. */
  readonly sortedBy?: readonly string[];
  readonly columns: readonly Column[];
  /** Table expression of another dataset at the version to compare with; undefined: it does not exist. */
  readonly resolve: (dataset: string) => string | undefined | Promise<string | undefined>;
  /** Row counts of earlier publications, newest first. Asked only when there is a volume check. */
  readonly history: (points: number) => Promise<readonly number[]>;
  readonly clock: () => Date;
  readonly signal?: AbortSignal;
  /** Columns whose values are not shown in sample rows, e.g. those tagged pii. Default: none. */
  readonly masked?: readonly string[];
  /** Whose rows these are; undefined: published rows. */
  readonly task?: JudgedTask;
}

/** Sample rows of a failing check. */
const SAMPLE_ROWS = 5;

/**
 * Results in the order of `checks`. Bad data gives `warn` or `fail`, a statement that the engine refuses `error`; neither
 * throws. Throws when the engine is gone or `signal` fires.
 */
export async function runChecks(options: RunChecksOptions): Promise<CheckResult[]> {
  if (options.checks.length === 0) return [];
  const input = await compileInput(options);
  const compiled = options.checks.map((spec) => compile(spec, input));
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

/** Other datasets that a check reads, as it is declared. */
export function datasetsOf(check: CheckSpec): string[] {
  const { to, sql } = check.arguments;
  if (check.type === "sql") return typeof sql === "string" ? namedDatasets(sql) : [];
  if (typeof to !== "string") return [];
  return [check.type === "relationships" ? splitColumn(to).dataset : to];
}

async function compileInput(options: RunChecksOptions): Promise<CompileInput> {
  const names = [...new Set(options.checks.flatMap(datasetsOf))];
  const found = new Map(
    await Promise.all(
      names.map(async (name) => {
        const from = name === options.dataset ? options.from : await options.resolve(name);
        return [name, from] as const;
      }),
    ),
  );
  const points = options.checks
    .filter((check) => check.type === "volume")
    .map((check) => Number(check.arguments["points"] ?? VOLUME_POINTS));
  return {
    dataset: options.dataset,
    from: options.from,
    sortedBy: options.sortedBy ?? [],
    history: points.length === 0 ? [] : await options.history(Math.max(...points)),
    now: options.clock(),
    task: options.task,
    other: (dataset) => {
      const from = found.get(dataset);
      if (from !== undefined) return from;
      throw new ShoplakeError("quality", `dataset ${dataset} does not exist or was never published`);
    },
  };
}

function compile(spec: CheckSpec, input: CompileInput): CompiledCheck | ShoplakeError {
  const type = checkRegistry.get(spec.type);
  if (!type) return new ShoplakeError("quality", `unknown check type ${spec.type}`);
  try {
    return type.compile(spec, input);
  } catch (error) {
    return error instanceof ShoplakeError ? error : new ShoplakeError("quality", messageOf(error));
  }
}

async function answerAll(
  options: RunChecksOptions,
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
  options: RunChecksOptions,
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

async function ask(options: RunChecksOptions, checks: readonly CompiledCheck[]): Promise<Answers[]> {
  if (checks.length === 0) return [];
  const columns = checks.flatMap((check, i) =>
    Object.entries(check.aggregates).map(([name, sql]) => `${sql} AS ${ident(`c${i}_${name}`)}`),
  );
  const [row = {}] = await options.engine.rows<Record<string, string | number | null>>(
    `${withAliases(checks.flatMap((check) => check.aliases ?? []))}SELECT ${columns.join(",\n  ")}\nFROM ${options.from}`,
    signalOf(options),
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

interface Asked {
  readonly check: CompiledCheck | ShoplakeError | undefined;
  readonly answer: Answers | ShoplakeError;
}

async function resultOf(options: RunChecksOptions, spec: CheckSpec, asked: Asked): Promise<CheckResult> {
  const { check, answer } = asked;
  if (check === undefined || check instanceof ShoplakeError || answer instanceof ShoplakeError) {
    const error = answer instanceof ShoplakeError ? answer : check;
    return brokenResult(options, spec, messageOf(error));
  }
  const first = check.judge(answer);
  const isBad = ["warn", "fail"].includes(verdict(spec, first).status);
  const found = isBad ? check.judge({ ...answer, ...(await recounted(options, check)) }) : first;
  const { status, note } = verdict(spec, found);
  const bad = status === "warn" || status === "fail";
  return {
    ...identity(options, spec),
    severity: found.severity ?? spec.severity,
    status,
    success: !bad,
    element_count: found.elements,
    unexpected_count: found.unexpected,
    unexpected_percent: percent(found),
    sample: found.sample ?? (bad ? await sampleOf(options, check) : []),
    message: found.message + note,
  };
}

async function recounted(options: RunChecksOptions, { recount = {} }: CompiledCheck): Promise<Answers> {
  const columns = Object.entries(recount).map(([name, sql]) => `(${sql}) AS ${ident(name)}`);
  if (columns.length === 0) return {};
  const [row = {}] = await options.engine.rows<Record<string, string | number>>(
    `SELECT ${columns.join(", ")}`,
    signalOf(options),
  );
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, String(value)]));
}

function verdict(spec: CheckSpec, found: Finding): { readonly status: CheckStatus; readonly note: string } {
  if (found.skipped) return { status: "skipped", note: "" };
  if (found.unexpected === 0) return { status: "pass", note: "" };
  const { threshold } = spec;
  const status = (found.severity ?? spec.severity) === "warn" ? "warn" : "fail";
  if (threshold === undefined) return { status, note: "" };
  const [allowed, over] =
    "rows" in threshold
      ? [`${threshold.rows} rows`, found.unexpected > threshold.rows]
      : [`${threshold.percent} %`, percent(found) > threshold.percent];
  return { status: over ? status : "pass", note: `; ${allowed} allowed` };
}

function percent({ elements, unexpected }: Finding): number {
  return elements === 0 ? 0 : (unexpected / elements) * 100;
}

async function sampleOf(
  options: RunChecksOptions,
  check: CompiledCheck,
): Promise<readonly Record<string, unknown>[]> {
  const rows = await options.engine.rows(
    `SELECT * FROM (\n${check.badRows}\n) LIMIT ${SAMPLE_ROWS}`,
    signalOf(options),
  );
  const masked = options.masked ?? [];
  return rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [name, masked.includes(name) ? "***" : value]),
    ),
  );
}

function brokenResult(options: RunChecksOptions, spec: CheckSpec, message: string): CheckResult {
  return {
    ...identity(options, spec),
    severity: spec.severity,
    status: "error",
    success: false,
    element_count: 0,
    unexpected_count: 0,
    unexpected_percent: 0,
    sample: [],
    message,
  };
}

function identity(options: RunChecksOptions, spec: CheckSpec) {
  return {
    dataset: options.dataset,
    name: spec.name,
    type: spec.type,
    ...(spec.column === undefined ? {} : { column: spec.column }),
    dimension: spec.dimension,
    query: publishedQuery(options, spec),
    location: spec.location,
  };
}

/** The statement for bad rows over published data, as a person would run it. */
function publishedQuery({ dataset, clock }: RunChecksOptions, spec: CheckSpec): string {
  const input = {
    dataset,
    from: table(dataset),
    sortedBy: [],
    other: table,
    history: [],
    now: clock(),
    task: undefined,
  };
  const check = compile(spec, input);
  return check instanceof ShoplakeError ? "" : check.badRows;
}

function signalOf(options: RunChecksOptions): { readonly signal?: AbortSignal } {
  return options.signal === undefined ? {} : { signal: options.signal };
}
