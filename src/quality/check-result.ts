/** The result of one check: its verdict, and sample rows when that is bad. */

import type { CheckResult, CheckSpec, CheckStatus } from "../api/checks.ts";
import type { Engine } from "../engine/engine.ts";
import { ident, table } from "../engine/sql.ts";
import { messageOf, ShoplakeError } from "../util/errors.ts";
import type { Answers, CompiledCheck, Finding } from "./check-type.ts";
import { compileCheck } from "./compile-checks.ts";

/** What a result says beside its numbers, and where sample rows come from. */
export interface ResultOptions {
  /** Reads sample rows, and numbers that only a bad check needs. */
  readonly engine: Engine;
  /** That the check belongs to. */
  readonly dataset: string;
  /** What "now" is in the query that is shown to people. */
  readonly clock: () => Date;
  /** Columns whose values are not shown in sample rows, e.g. those tagged pii. Default: none. */
  readonly masked?: readonly string[];
  /** Ends the statements. Default: nothing does. */
  readonly signal?: AbortSignal;
}

/** Sample rows of a failing check. */
const SAMPLE_ROWS = 5;

/** A check after it was asked. */
export interface Asked {
  /** The error that kept it from being compiled; undefined: there is none of that type. */
  readonly check: CompiledCheck | ShoplakeError | undefined;
  /** The error with which the engine refused it. */
  readonly answer: Answers | ShoplakeError;
}

/** `error` for a check that could not be asked. */
export async function resultOf(options: ResultOptions, spec: CheckSpec, asked: Asked): Promise<CheckResult> {
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

async function recounted(options: ResultOptions, { recount = {} }: CompiledCheck): Promise<Answers> {
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
  options: ResultOptions,
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

function brokenResult(options: ResultOptions, spec: CheckSpec, message: string): CheckResult {
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

function identity(options: ResultOptions, spec: CheckSpec) {
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
function publishedQuery({ dataset, clock }: ResultOptions, spec: CheckSpec): string {
  const input = {
    dataset,
    from: table(dataset),
    sortedBy: [],
    other: table,
    history: [],
    now: clock(),
    task: undefined,
  };
  const check = compileCheck(spec, input);
  return check instanceof ShoplakeError ? "" : check.badRows;
}

function signalOf(options: ResultOptions): { readonly signal?: AbortSignal } {
  return options.signal === undefined ? {} : { signal: options.signal };
}
