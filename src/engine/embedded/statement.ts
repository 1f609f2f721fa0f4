/** What the HTTP interface must know about a statement before the engine sees it. Works on bytes held as latin1 text. */
import { lexBytes, type Token } from "../lexer.ts";

/** A piece of the statement, in bytes. */
export interface Range {
  /** First byte. */
  readonly start: number;
  /** The byte after the last. */
  readonly end: number;
}

/** An INSERT whose rows follow the statement as data. */
export interface InsertData {
  /** Name of the data format, "Values" for VALUES. */
  readonly format: string;
  /** Where the statement ends: everything before FORMAT, VALUES or its SETTINGS. */
  readonly head: number;
  /** Its SETTINGS clause. */
  readonly settings: Range | undefined;
  /** First byte of the data. */
  readonly data: number;
  /** `input('structure')` of INSERT ... SELECT ... FROM input(): the whole call, and what is inside the brackets. */
  readonly input: { readonly call: Range; readonly structure: Range } | undefined;
}

/** One statement, cut into what the interface acts on. */
export interface Statement {
  /** `select` streams a result; `insert` has data behind it; `command` is everything else, its result is small. */
  readonly kind: "empty" | "select" | "insert" | "command";
  /** First word in upper case, of a WITH ... INSERT "INSERT". */
  readonly first: string;
  /** A second statement follows after a semicolon. */
  readonly multiple: boolean;
  /** INTO OUTFILE or FROM INFILE is used: never allowed to a client. */
  readonly clientFile: boolean;
  /** `FORMAT x` at the end of a statement with a result. */
  readonly format: (Range & { readonly name: string }) | undefined;
  /** SETTINGS behind a bracket, before FORMAT: after `(SELECT ...)` the engine takes them only behind the target. */
  readonly settings: Range | undefined;
  /** End of the last token that is not a semicolon. */
  readonly end: number;
  /** Of an INSERT with data, where they are. */
  readonly insert: InsertData | undefined;
  /** Tokens of the statement; for an insert those before its data. */
  readonly tokens: readonly Token[];
}

/** Reads as many tokens as needed: of an INSERT with data the data are not looked at. */
export function analyse(bytes: string): Statement {
  const tokens: Token[] = [];
  let leading = true;
  let insertAt = -1;
  for (const token of lexBytes(bytes)) {
    if (leading && token.text === ";") continue;
    leading = false;
    tokens.push(token);
    if (insertAt < 0 && isInsertStart(tokens)) insertAt = tokens.length - 1;
    if (insertAt < 0 || token.depth > 0) continue;
    const insert = insertData(bytes, tokens, insertAt);
    if (insert) return { ...statementOf(tokens), kind: "insert", first: "INSERT", insert };
  }
  const statement = statementOf(tokens);
  return insertAt < 0 ? statement : { ...statement, kind: "command", first: "INSERT" };
}

const SELECTS = new Set(["SELECT", "WITH", "FROM", "("]);

function statementOf(tokens: readonly Token[]): Statement {
  const last = tokens.findLastIndex((token) => token.text !== ";");
  const first = tokens[0]?.upper ?? "";
  const format = last < 0 ? undefined : trailingFormat(tokens.slice(0, last + 1));
  const end = tokens[last]?.end ?? 0;
  const semicolon = tokens.findIndex((token) => token.text === ";" && token.kind === "symbol");
  return {
    kind: last < 0 ? "empty" : SELECTS.has(first) ? "select" : "command",
    first,
    multiple: semicolon >= 0 && semicolon < last,
    clientFile: tokens.some(
      (token, i) =>
        (token.upper === "OUTFILE" && tokens[i - 1]?.upper === "INTO") ||
        (token.upper === "INFILE" && tokens[i - 1]?.upper === "FROM"),
    ),
    format,
    settings: settingsBehindBracket(tokens, format?.start ?? end),
    end,
    insert: undefined,
    tokens,
  };
}

/** Words after which FORMAT is a name, not the clause. */
const BEFORE_NAME = new Set(["FROM", "JOIN", "AS", "SELECT", "BY", "ON", "USING", ".", ",", "TABLE", "IN"]);

function trailingFormat(tokens: readonly Token[]): Statement["format"] {
  const top = tokens.filter((token) => token.depth === 0);
  for (let i = top.length - 2; i > 0; i--) {
    const [before, keyword, name, after] = [top[i - 1], top[i], top[i + 1], top[i + 2]];
    if (keyword?.upper !== "FORMAT" || name?.kind !== "word" || BEFORE_NAME.has(before?.upper ?? ""))
      continue;
    if (after === undefined || after.upper === "SETTINGS")
      return { start: keyword.start, end: name.end, name: name.text };
  }
  return undefined;
}

function settingsBehindBracket(tokens: readonly Token[], end: number): Range | undefined {
  const at = tokens.findLastIndex(
    (token) => token.upper === "SETTINGS" && token.depth === 0 && token.start < end,
  );
  const [before, settings, name, equals] = tokens.slice(at - 1, at + 3);
  if (at < 1 || before?.text !== ")" || name?.kind !== "word" || equals?.text !== "=") return undefined;
  return settings && { start: settings.start, end };
}

/** Words and symbols behind which `insert` is a name in the list of WITH. */
const BEFORE_WITH_NAME = new Set(["WITH", "RECURSIVE", "AS", ",", "."]);

/** The last token is the INSERT of `INSERT` or `WITH ... INSERT`. */
function isInsertStart(tokens: readonly Token[]): boolean {
  const token = tokens.at(-1);
  if (token?.upper !== "INSERT" || token.depth > 0) return false;
  if (tokens.length === 1) return true;
  const selects = tokens.some(({ upper, depth }) => upper === "SELECT" && depth === 0);
  return tokens[0]?.upper === "WITH" && !selects && !BEFORE_WITH_NAME.has(tokens.at(-2)?.upper ?? "");
}

/**
 * Called after each token outside brackets: the data clause, once the tokens end with it. The target's name is stepped
 * over first, so that a table called `format` or `values` is no clause.
 */
function insertData(bytes: string, tokens: readonly Token[], insertAt: number): InsertData | undefined {
  const last = tokens.at(-1);
  if (last?.kind !== "word") return undefined;
  const isValues = last.upper === "VALUES";
  if (!isValues && tokens.at(-2)?.upper !== "FORMAT") return undefined;
  const clauses = tokens.slice(insertAt).filter((token) => token.depth === 0);
  const from = afterTarget(clauses);
  const keywordAt = clauses.length - (isValues ? 1 : 2);
  if (keywordAt < from) return undefined;
  const between = clauses.slice(from, keywordAt);
  if (between.some((token) => token.upper === "INFILE")) return undefined;
  const selects = between.some((token) => token.upper === "SELECT");
  const input = selects ? inputCall(tokens) : undefined;
  if (selects && (isValues || !input)) return undefined;
  const keyword = clauses[keywordAt];
  const settings = selects ? undefined : between.find((token) => token.upper === "SETTINGS");
  const head = (settings ?? keyword)?.start ?? 0;
  return {
    format: isValues ? "Values" : last.text,
    head,
    settings: settings && keyword ? { start: settings.start, end: keyword.start } : undefined,
    data: isValues ? last.end : afterFormatName(bytes, last.end),
    input,
  };
}

/** Index of the first token after `INSERT INTO [TABLE] [FUNCTION] name[.name...]`. */
function afterTarget(clauses: readonly Token[]): number {
  let at = 1;
  for (const keyword of ["INTO", "TABLE", "FUNCTION"]) if (clauses[at]?.upper === keyword) at++;
  at++;
  while (clauses[at]?.text === "." && clauses[at + 1]) at += 2;
  return at;
}

function inputCall(tokens: readonly Token[]): InsertData["input"] {
  const at = tokens.findIndex((token, i) => token.upper === "INPUT" && tokens[i + 1]?.text === "(");
  const [name, open] = [tokens[at], tokens[at + 1]];
  if (at < 0 || !name || !open) return undefined;
  const close = tokens.slice(at + 2).find((token) => token.text === ")" && token.depth === open.depth);
  if (!close) return undefined;
  return {
    call: { start: name.start, end: close.end },
    structure: { start: open.end, end: close.start },
  };
}

/** Data begin after blanks and one line end behind the format's name. */
function afterFormatName(bytes: string, end: number): number {
  let at = end;
  while (/[ \t\f]/.test(bytes.charAt(at))) at++;
  if (bytes.charAt(at) === "\r") at++;
  if (bytes.charAt(at) === "\n") at++;
  return at;
}
