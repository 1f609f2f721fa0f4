/**
 * The SQL lexer: cuts text into the same tokens as ClickHouse's own lexer, with offsets and bracket depth.
 *
 * It does not parse. It answers the few questions that must be answered before the engine sees a statement: where does a
 * statement end, where does INSERT data begin, which FORMAT was asked for. A wrong answer corrupts data silently, so
 * test/engine/lexer.test.ts compares it with the engine's opinion on generated text.
 */

/**
 * `word`: a bare identifier or keyword, also one that starts with a digit. `quoted`: an identifier in backticks or double
 * quotes. `symbol`: one punctuation character (operators of two characters come as two tokens). `error`: what the engine
 * refuses: an unclosed quote or comment, a stray byte.
 */
export type TokenKind = "word" | "number" | "string" | "quoted" | "symbol" | "error";

/** A piece of SQL. */
export interface Token {
  /** What it is to the engine. */
  readonly kind: TokenKind;
  /** As it is written. */
  readonly text: string;
  /** Upper case of a word or symbol, to compare with keywords; "" for other kinds. */
  readonly upper: string;
  /** Offset of the first character, and of the character after the last. */
  readonly start: number;
  /** Offset of the character after the last. */
  readonly end: number;
  /** Open brackets of any kind around the token; an opening and its closing bracket have the depth outside of them. */
  readonly depth: number;
}

/** Tokens of a JavaScript string; offsets count UTF-16 code units, as `slice` does. Blanks and comments are left out. */
export function lex(sql: string): Token[] {
  if (isAscii(sql)) return [...lexBytes(sql)];
  const bytes = Buffer.from(sql, "utf8");
  const offset = characterOffsets(sql, bytes.length);
  return [...lexBytes(bytes.toString("latin1"))].map((token) => {
    const start = offset[token.start] ?? 0;
    const end = offset[token.end] ?? sql.length;
    return { ...token, start, end, text: sql.slice(start, end) };
  });
}

/**
 * Tokens of raw bytes held as a latin1 string (one character per byte), lazily: reading can stop where binary data
 * begins. Offsets count bytes.
 */
export function* lexBytes(bytes: string): Generator<Token> {
  let depth = 0;
  let at = 0;
  let previous: Token | undefined;
  while (at < bytes.length) {
    const blank = skipBlank(bytes, at);
    if (blank > at) {
      at = blank;
      continue;
    }
    const [kind, end] = scan(bytes, at, previous);
    const text = bytes.slice(at, end);
    if (kind === "symbol" && CLOSING.has(text)) depth--;
    previous = {
      kind,
      text,
      upper: kind === "word" || kind === "symbol" ? text.toUpperCase() : "",
      start: at,
      end,
      depth,
    };
    if (kind === "symbol" && OPENING.has(text)) depth++;
    at = end;
    yield previous;
  }
}

type Scan = readonly [TokenKind, number];

const OPENING = new Set(["(", "[", "{"]);
const CLOSING = new Set([")", "]", "}"]);
const WORD = /[A-Za-z0-9_]/;
const DIGIT = /[0-9]/;
const WORD_RUN = /[A-Za-z0-9_$]+/y;
const PLAIN_WORD_RUN = /[A-Za-z0-9_]+/y;
const BLANK_RUN = /[ \t\n\r\f\v]+/y;

function scan(s: string, at: number, previous: Token | undefined): Scan {
  const c = s.charAt(at);
  if (DIGIT.test(c)) return scanNumber(s, at, previous);
  if (c === "'") return scanQuoted(s, at, "string");
  if (c === '"' || c === "`") return scanQuoted(s, at, "quoted");
  if (c === "$") return scanDollar(s, at);
  if (c === "." && DIGIT.test(s.charAt(at + 1)) && !mayBeAccessed(previous))
    return scanNumber(s, at, previous);
  if (/[xXbB]/.test(c) && s.charAt(at + 1) === "'") return scanHexString(s, at);
  if (WORD.test(c)) return ["word", run(s, at, WORD_RUN)];
  if (c === "/" && s.charAt(at + 1) === "*") return ["error", s.length];
  if (c >= "\x80") return scanUnicode(s, at);
  const isSymbol = SYMBOLS.includes(c) && (c !== "!" || s.charAt(at + 1) === "=");
  return [isSymbol ? "symbol" : "error", at + 1];
}

const SYMBOLS = "()[]{},;.+-*/%=!<>?:|@";

/** True after a token whose element can be taken with a dot: `t.1` is a word, a dot, a number. */
function mayBeAccessed(previous: Token | undefined): boolean {
  if (!previous) return false;
  return previous.kind === "symbol"
    ? previous.text === ")" || previous.text === "]"
    : previous.kind !== "string";
}

/** Numbers as the engine cuts them, not as they are valid: `1e-` takes the sign, so that `1e--5` holds no comment. */
function scanNumber(s: string, at: number, previous: Token | undefined): Scan {
  let end = at;
  if (previous?.kind === "symbol" && previous.text === "." && s.charAt(at) !== ".") {
    end = digits(s, at, DIGIT);
  } else {
    const hex = /^0[xX][0-9a-fA-F]/.test(s.slice(at, at + 3));
    const binary = /^0[bB][01]/.test(s.slice(at, at + 3));
    const digit = hex ? /[0-9a-fA-F]/ : DIGIT;
    end = digits(s, hex || binary ? at + 2 : at, digit);
    if (s.charAt(end) === ".") end = digits(s, end + 1, digit);
    if (end + 1 < s.length && (hex ? /[pP]/ : /[eE]/).test(s.charAt(end))) {
      end++;
      if (end + 1 < s.length && /[-+]/.test(s.charAt(end))) end++;
      end = digits(s, end, DIGIT);
    }
  }
  if (!WORD.test(s.charAt(end))) return ["number", end];
  end = run(s, end, PLAIN_WORD_RUN);
  return [/^\w+$/.test(s.slice(at, end)) ? "word" : "error", end];
}

/** Digits with single underscores between them. */
function digits(s: string, at: number, digit: RegExp): number {
  let end = at;
  while (digit.test(s.charAt(end)) || (s.charAt(end) === "_" && end > at && digit.test(s.charAt(end + 1))))
    end++;
  return end;
}

/** What can end a quoted text, or hide its end. */
const QUOTE_OR_BACKSLASH: Readonly<Record<string, RegExp>> = { "'": /['\\]/g, '"': /["\\]/g, "`": /[`\\]/g };

/** A quote ends at the same character, unless that is doubled or follows a backslash. */
function scanQuoted(s: string, at: number, kind: TokenKind): Scan {
  const quote = s.charAt(at);
  const special = QUOTE_OR_BACKSLASH[quote] ?? /$/g;
  special.lastIndex = at + 1;
  for (let found = special.exec(s); found; found = special.exec(s)) {
    if (found[0] === quote && s.charAt(found.index + 1) !== quote) return [kind, found.index + 1];
    special.lastIndex = found.index + 2;
  }
  return ["error", s.length];
}

/** `$tag$ ... $tag$`, a lone dollar, or a word that starts with one. */
function scanDollar(s: string, at: number): Scan {
  const nameEnd = s.indexOf("$", at + 1);
  if (nameEnd >= 0) {
    const tag = s.slice(at, nameEnd + 1);
    const close = s.indexOf(tag, nameEnd + 1);
    if (close >= 0) return ["string", close + tag.length];
  }
  if (!WORD.test(s.charAt(at + 1))) return ["symbol", at + 1];
  return ["word", run(s, at, WORD_RUN)];
}

/** `x'00ff'` and `b'0101'`. */
function scanHexString(s: string, at: number): Scan {
  const end = run(s, at + 2, /[xX]/.test(s.charAt(at)) ? /[0-9a-fA-F]+/y : /[01]+/y);
  return s.charAt(end) === "'" ? ["string", end + 1] : ["error", s.length];
}

/** Typographic quotes work as quotes in ClickHouse, and the mathematical minus as a minus. Other letters are errors. */
function scanUnicode(s: string, at: number): Scan {
  const three = s.slice(at, at + 3);
  if (three === "\xe2\x88\x92") return ["symbol", at + 3];
  for (const [open, close, kind] of UNICODE_QUOTES) {
    if (three !== open) continue;
    const end = s.indexOf(close, at + 3);
    return end < 0 ? ["error", s.length] : [kind, end + 3];
  }
  return ["error", run(s, at + 1, /[\x80-\xbf]+/y)];
}

/** UTF-8 of U+2018/U+2019 and U+201C/U+201D. */
const UNICODE_QUOTES: readonly (readonly [string, string, TokenKind])[] = [
  ["\xe2\x80\x98", "\xe2\x80\x99", "string"],
  ["\xe2\x80\x9c", "\xe2\x80\x9d", "quoted"],
];

/** The offset after blanks and one comment at `at`; `at` itself when there is none. */
function skipBlank(s: string, at: number): number {
  const c = s.charAt(at);
  const next = s.charAt(at + 1);
  const blank = run(s, at, BLANK_RUN);
  if (blank > at) return blank;
  if (
    (c === "-" && next === "-") ||
    (c === "/" && next === "/") ||
    (c === "#" && (next === " " || next === "!"))
  ) {
    const end = s.indexOf("\n", at);
    return end < 0 ? s.length : end;
  }
  if (c === "/" && next === "*") return blockCommentEnd(s, at) ?? at;
  if (c < "\x80") return at;
  const length = UNICODE_BLANKS.exec(s.slice(at, at + 3))?.[0].length ?? 0;
  return at + length;
}

/** Comments nest. Undefined when one is not closed. */
function blockCommentEnd(s: string, at: number): number | undefined {
  let level = 1;
  for (let i = at + 2; i + 1 < s.length; i++) {
    const two = s.slice(i, i + 2);
    if (two === "/*") level++;
    else if (two === "*/") level--;
    else continue;
    i++;
    if (level === 0) return i + 1;
  }
  return undefined;
}

/** UTF-8 of the blanks that ClickHouse skips: no-break space, next line, the spaces of U+2000, BOM and others. */
const UNICODE_BLANKS =
  /^(?:\xc2[\x85\xa0]|\xe1\x9a\x80|\xe1\xa0\x8e|\xe2\x80[\x80-\x8d\xa8\xa9\xaf]|\xe2\x81[\x9f\xa0]|\xe3\x80\x80|\xef\xbb\xbf)/;

/** The offset after all characters from `at` on that `of`, a sticky pattern of one or more, takes. */
function run(s: string, at: number, of: RegExp): number {
  of.lastIndex = at;
  return of.test(s) ? of.lastIndex : at;
}

function isAscii(s: string): boolean {
  for (let i = 0; i < s.length; i++) if (s.charCodeAt(i) > 127) return false;
  return true;
}

/** For each UTF-8 byte offset of `sql` the offset of its character in UTF-16 code units. */
function characterOffsets(sql: string, byteLength: number): Uint32Array {
  const offsets = new Uint32Array(byteLength + 1);
  let byte = 0;
  let unit = 0;
  for (const character of sql) {
    const length = Buffer.byteLength(character);
    offsets.fill(unit, byte, byte + length);
    byte += length;
    unit += character.length;
  }
  offsets[byte] = unit;
  return offsets;
}
