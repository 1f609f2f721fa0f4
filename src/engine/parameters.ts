/** The `{name:Type}` placeholders of SQL text, found by tokens, so never inside strings or comments. */
import { lex, type Token } from "./lexer.ts";

/** A placeholder `{name:Type}` in a statement. */
export interface ParameterToken {
  /** Its name. */
  readonly name: string;
  /** As ClickHouse spells it: "Date", "Nullable(String)", "Identifier". */
  readonly type: string;
  /** Offset of its first character. */
  readonly start: number;
  /** Offset of the character after its last. */
  readonly end: number;
}

/** The placeholders of a statement, in order, with their offsets. */
export function parameterTokens(sql: string): ParameterToken[] {
  const tokens = lex(sql);
  return tokens.flatMap((token, i) => {
    const [name, colon] = [tokens[i + 1], tokens[i + 2]];
    if (token.text !== "{" || name?.kind !== "word" || colon?.text !== ":") return [];
    const close = tokens.findIndex(({ text, depth }, j) => j > i && text === "}" && depth === token.depth);
    const last = tokens[close];
    if (!last) return [];
    return [
      { name: name.text, type: joined(sql, tokens.slice(i + 3, close)), start: token.start, end: last.end },
    ];
  });
}

/** Names and types of the placeholders: `{since:Date}` gives { since: "Date" }. The first type of a name counts. */
export function parametersOf(sql: string): Record<string, string> {
  return Object.fromEntries(
    parameterTokens(sql)
      .reverse()
      .map(({ name, type }) => [name, type]),
  );
}

function joined(sql: string, tokens: readonly Token[]): string {
  const [first, last] = [tokens[0], tokens.at(-1)];
  return first && last ? sql.slice(first.start, last.end).replace(/\s+/g, " ") : "";
}
