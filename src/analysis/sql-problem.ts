/** The engine's complaint about a statement -> a problem with file and line. */
import { ClickHouseFailure } from "../engine/engine-error.ts";
import { lex, type Token } from "../engine/lexer.ts";
import { nameOf } from "../engine/rewrite.ts";
import { messageOf, type Problem, ShoplakeError } from "../util/errors.ts";
import { nearest } from "../util/nearest.ts";

/** Where a statement comes from. */
export interface SqlPlace {
  /** Relative to the project. */
  readonly file: string;
  /** As the file has it. */
  readonly sql: string;
  /** Line of the file on which `sql` starts. */
  readonly sqlLine: number;
  /** Lines that were in front of `sql` in the statement that failed. Default 1. */
  readonly linesBefore?: number;
  /** Datasets of the project, for hints. */
  readonly datasets?: readonly string[];
  /** Turns names that only the engine knows back into those of the project. */
  readonly plain?: (text: string) => string;
}

/**
 * One sentence about what is wrong, at the line of the thing that is named, else at the first line of the SELECT.
 * Throws what is no fault of the statement: an engine that is gone or busy.
 */
export function sqlProblem(error: unknown, place: SqlPlace): Problem {
  if (!(error instanceof ShoplakeError) || error.retryable || error.code === "interrupted") throw error;
  const cause = error instanceof Error ? error.cause : undefined;
  const raw = messageOf(cause instanceof ClickHouseFailure ? cause : error);
  const text = (place.plain?.(raw) ?? raw).replace(/\s+/g, " ");
  const { message, hint, name } = explain(text, place);
  const line = lineInError(text, place) ?? lineOfName(name, place) ?? place.sqlLine;
  return { message, file: place.file, line, ...(hint === undefined ? {} : { hint }) };
}

interface Explained {
  readonly message: string;
  readonly hint?: string | undefined;
  /** What to look for in the statement. */
  readonly name?: string | undefined;
}

function explain(text: string, place: SqlPlace): Explained {
  const syntax =
    /Syntax error.*?: failed at (?:position \d+|end of query)(?: \((.*?)\))? \(line \d+, col \d+\)/.exec(
      text,
    );
  if (syntax) {
    const expected = /Expected one of: (.*?)\. ?\(?/.exec(text)?.[1];
    const near = syntax[1] === undefined ? "" : ` at "${syntax[1]}"`;
    return { message: `SQL syntax error${near}`, hint: expected && `expected ${shortened(expected)}` };
  }
  const column = /Unknown expression(?: or function)? identifier [`']([^`']+)[`']/.exec(text)?.[1];
  if (column !== undefined) return { message: `unknown column "${column}"`, hint: maybe(text), name: column };
  const table = /Unknown table expression identifier [`']([^`']+)[`']/.exec(text)?.[1];
  if (table !== undefined) {
    const close =
      (place.datasets ?? []).find((name) => name.endsWith(`.${table}`)) ??
      nearest(table, place.datasets ?? []);
    return { message: `unknown dataset "${table}"`, hint: close && `did you mean "${close}"?`, name: table };
  }
  const called = /(?:Aggregate f|F)unction with name [`']?(\w+)[`']? does not exist/.exec(text)?.[1];
  if (called !== undefined)
    return { message: `unknown function "${called}"`, hint: maybe(text), name: called };
  const message = plain(text);
  return { message, name: /[`']([^`']+)[`']/.exec(message)?.[1] };
}

/** Without the statement that the engine repeats. */
function plain(text: string): string {
  return text
    .replace(/^.*?DB::Exception: /, "")
    .replace(/:? ?(?:: )?\(in file\/uri .*$/, "")
    .replace(/[:.,]? (?:while processing|in scope|in query|while executing)\b.*$/i, "")
    .trim();
}

function maybe(text: string): string | undefined {
  const name = /Maybe you meant:? \[?['`]?([^'`\]]+)['`]?/.exec(text)?.[1];
  return name === undefined ? undefined : `did you mean "${name}"?`;
}

function shortened(list: string): string {
  const names = list.split(", ");
  return names.length > 8 ? `${names.slice(0, 8).join(", ")}, ...` : names.join(", ");
}

function lineInError(text: string, { sqlLine, linesBefore = 1 }: SqlPlace): number | undefined {
  const line = /\(line (\d+), col \d+\)/.exec(text)?.[1];
  return line === undefined ? undefined : Math.max(sqlLine, sqlLine + Number(line) - 1 - linesBefore);
}

/** Looks for `a.b.c` as tokens; the first hit counts. */
function lineOfName(name: string | undefined, { sql, sqlLine }: SqlPlace): number | undefined {
  if (name === undefined) return undefined;
  const tokens = lex(sql);
  const first = tokens.findIndex((_, i) => dotted(tokens, i, name.split(".").length) === name);
  const hit = tokens[first] ?? tokens.find((token) => nameOf(token) === name.split(".").at(-1));
  return hit && sqlLine + sql.slice(0, hit.start).split("\n").length - 1;
}

function dotted(tokens: readonly Token[], at: number, parts: number): string {
  const slice = tokens.slice(at, at + 2 * parts - 1);
  return slice.map((token) => nameOf(token)).join("");
}
