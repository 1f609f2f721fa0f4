/** What SQL from outside may not do, as data; and the error that says so at its place in the user's own text. */
import { ShoplakeError } from "../../util/errors.ts";
import { lex } from "../lexer.ts";
import { nameOf } from "../rewrite.ts";

/** One thing that is not allowed. */
export interface Refusal {
  /** What is refused, as the user reads it. */
  readonly message: string;
  /** The name that is refused, to find its place; without one the error has no place. */
  readonly name?: string;
  /** What would be right. Default: what SQL from outside may do at all. */
  readonly allowed?: string;
  /** What to do. Default: a model or a view. */
  readonly hint?: string;
}

/** A `usage` error; `sql` is the text as the user wrote it. */
export function refusalError({ message, name, allowed, hint }: Refusal, sql: string): ShoplakeError {
  const where = name === undefined ? undefined : placeOf(name, sql);
  return new ShoplakeError("usage", message, {
    ...(where === undefined ? {} : { where }),
    allowed:
      allowed ?? "one SELECT, SHOW, DESCRIBE, EXISTS or EXPLAIN that reads tables and views of the project",
    hint: hint ?? "Put what needs more into a model or a view.",
  });
}

/** `line 2, column 8` of the first token that spells the name; of a table name its last part counts. */
function placeOf(name: string, sql: string): string | undefined {
  const wanted = (name.split(".").at(-1) ?? name).toLowerCase();
  const token = lex(sql).find((each) => nameOf(each).toLowerCase() === wanted);
  if (token === undefined) return undefined;
  const before = sql.slice(0, token.start).split("\n");
  return `line ${before.length}, column ${(before.at(-1) ?? "").length + 1}`;
}
