/**
 * The library takes no query ids. `<query id>|<comment>` in the setting log_comment takes its place: KILL finds a statement
 * by it, and statements about system.processes are rewritten to show it.
 */
import { text } from "../sql.ts";
import type { Statement } from "./statement.ts";

/** The value of the setting log_comment. */
export function logComment(queryId: string, comment: string): string {
  return `${queryId}|${comment}`.replace(/\0/g, "");
}

/** Condition on system.processes. */
export function isQuery(queryId: string): string {
  return `startsWith(Settings['log_comment'], ${text(`${queryId}|`)})`;
}

const QUERY_ID = "splitByChar('|', Settings['log_comment'])[1]";

/** The text up to `end`, with the clients' ids in `KILL QUERY WHERE query_id = ...` and in reads of system.processes. */
export function withQueryIds(sql: Buffer, statement: Statement, end = sql.length): string {
  let result = "";
  let at = 0;
  for (const edit of edits(statement)) {
    if (edit.end > end) break;
    result += sql.subarray(at, edit.start).toString() + edit.by;
    at = edit.end;
  }
  return result + sql.subarray(at, end).toString();
}

function edits(statement: Statement): readonly { start: number; end: number; by: string }[] {
  const { tokens, first, kind } = statement;
  return tokens.flatMap((token, i) => {
    if (first === "KILL" && /^(INITIAL_)?QUERY_ID$/.test(token.upper))
      return [{ start: token.start, end: token.end, by: QUERY_ID }];
    const name = tokens[i + 2];
    const isProcesses = token.text === "system" && tokens[i + 1]?.text === "." && name?.text === "processes";
    return kind === "select" && name && isProcesses
      ? [{ start: token.start, end: name.end, by: PROCESSES }]
      : [];
  });
}

const PROCESSES = `(SELECT * REPLACE (${QUERY_ID} AS query_id) FROM system.processes)`;
