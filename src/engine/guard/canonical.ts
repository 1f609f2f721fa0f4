/** The statement as the engine itself writes it: what is checked and what is run are this one text. */
import { messageOf, ShoplakeError } from "../../util/errors.ts";
import type { Engine } from "../engine.ts";
import { type FunctionLists, keepLists, knownLists, LISTS, type ListsRow } from "../function-lists.ts";
import type { Token } from "../lexer.ts";

/** A statement as the engine writes it, with what is needed to check it. */
export interface Canonical {
  /** On one line, but for what is inside texts. */
  readonly text: string;
  /** The engine's functions. */
  readonly lists: FunctionLists;
}

/** One statement: the canonical text, and the engine's lists when they are not known yet. Throws the engine's syntax error. */
export async function canonicalForm(engine: Engine, sql: string): Promise<Canonical> {
  const lists = knownLists(engine);
  const columns = `formatQuerySingleLine({sql:String}) AS text${lists ? "" : `, ${LISTS}`}`;
  const [row] = await engine
    .rows<{ text: string } & ListsRow>(`SELECT ${columns}`, { params: { sql } })
    .catch((error: unknown) => {
      throw syntaxError(error);
    });
  if (!row) throw new ShoplakeError("engine", "the engine did not answer with the statement's text");
  return { text: row.text, lists: lists ?? keepLists(engine, row) };
}

/** The engine tells where in the user's text; that we asked through a function is of no use to the user. */
function syntaxError(error: unknown): unknown {
  if (!(error instanceof ShoplakeError)) return error;
  const message = messageOf(error);
  const own = message.replace(
    /:? In scope SELECT formatQuerySingleLine[\s\S]*?(?= \(ClickHouse \d+ \w+\)$)/,
    "",
  );
  return own === message
    ? error
    : new ShoplakeError(error.code, own, { ...error.details, cause: error.cause });
}

/** A statement without its FORMAT clause, and the format it asked for. */
export interface WithoutFormat {
  /** The statement; SETTINGS behind FORMAT stay. */
  readonly text: string;
  /** As it is written; undefined without a FORMAT clause. */
  readonly format: string | undefined;
}

/** `FORMAT x` outside brackets; in canonical text keywords are in capitals. */
export function takeFormat(text: string, tokens: readonly Token[]): WithoutFormat {
  const at = tokens.findLastIndex(({ kind, text: word, depth }, i) => {
    const name = tokens[i + 1];
    const after = tokens[i + 2];
    const ends = after === undefined || after.text === "SETTINGS";
    return kind === "word" && word === "FORMAT" && depth === 0 && name?.kind === "word" && ends && i > 0;
  });
  const [keyword, name] = tokens.slice(Math.max(at, 0), at + 2);
  if (at < 0 || !keyword || !name) return { text, format: undefined };
  return { text: `${text.slice(0, keyword.start)}${text.slice(name.end)}`.trim(), format: name.text };
}
