/** How an error reaches a person: what, where, what is allowed, what to do; several problems by file and line. */
import { join } from "node:path";
import {
  type ErrorDetails,
  messageOf,
  type PlainError,
  type Problem,
  plainError,
  ShoplakeError,
} from "../../util/errors.ts";
import { makePrivateFolderSync, writePrivateFileSync } from "../../util/private-files.ts";
import { styleFor } from "./style.ts";

/** What a command ends with. */
export const exitCodes = { good: 0, failed: 1, internal: 2, interrupted: 130 } as const;

/** An error as plain data, for --json and the report of a run. */
export interface FailureDocument extends PlainError {
  /** When several things are wrong at once, by file and line. */
  readonly problems?: readonly Problem[];
}

/** The code that an error ends with: a bug is told from a failure that was explained. */
export function exitCodeOf(error: unknown): number {
  if (!(error instanceof ShoplakeError)) return exitCodes.internal;
  if (error.code === "interrupted") return exitCodes.interrupted;
  return error.code === "internal" ? exitCodes.internal : exitCodes.failed;
}

/** An error as data. */
export function failureDocument(error: unknown): FailureDocument {
  const problems = error instanceof ShoplakeError ? error.details.problems : undefined;
  return { ...plainError(error), ...(problems === undefined ? {} : { problems: sorted(problems) }) };
}

/** Lines for stderr. Never a stack trace. */
export function renderFailure(failure: FailureDocument, color: boolean): string[] {
  const style = styleFor(color);
  const lines = [`${style.red(style.bold("error"))} ${style.dim(`[${failure.code}]`)} ${failure.message}`];
  for (const [label, value] of facts(failure))
    lines.push(`  ${style.dim(label.padEnd(8))} ${value.replaceAll("\n", `\n${" ".repeat(11)}`)}`);
  for (const problem of failure.problems ?? []) lines.push(...renderProblem(problem, style.bold));
  return lines;
}

/**
 * The one line of an internal error. The stack goes to a log file in `folder` (created), named by the time.
 * The command's arguments are left out: they may hold what nobody should read.
 */
export function reportInternal(error: unknown, folder: string, about: { version: string; at: Date }): string {
  const file = join(folder, `shoplake-crash-${about.at.toISOString().replace(/[:.]/g, "-")}.log`);
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const head = `shoplake ${about.version}, node ${process.version}, ${process.platform} ${process.arch}\n`;
  makePrivateFolderSync(folder);
  writePrivateFileSync(file, `${head}${stack}\n${causes(error)}`);
  const message = messageOf(error).split("\n")[0];
  return `error [internal] ${message}; this is a bug in shoplake: please report it with the file ${file} (see CONTRIBUTING.md)`;
}

function facts(failure: FailureDocument): [string, string][] {
  const all: [string, string | undefined][] = [
    ["where", failure.where],
    ["allowed", failure.allowed],
    ["to do", failure.hint],
  ];
  return all.filter((fact): fact is [string, string] => fact[1] !== undefined);
}

function renderProblem(problem: Problem, bold: (text: string) => string): string[] {
  const place = placeOf(problem);
  const head = place === undefined ? `  - ${problem.message}` : `  ${bold(place)}  ${problem.message}`;
  return problem.hint === undefined ? [head] : [head, `      ${problem.hint}`];
}

function placeOf(problem: Problem): string | undefined {
  if (problem.file === undefined) return undefined;
  return problem.line === undefined ? problem.file : `${problem.file}:${problem.line}`;
}

function sorted(problems: NonNullable<ErrorDetails["problems"]>): readonly Problem[] {
  return [...problems].sort(
    (a, b) =>
      compare(a.file ?? "", b.file ?? "") || (a.line ?? 0) - (b.line ?? 0) || compare(a.message, b.message),
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function causes(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause === undefined) return "";
  const stack = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
  return `caused by ${stack}\n${causes(cause)}`;
}
