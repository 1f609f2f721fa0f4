/** Texts such as `'id UInt64, price Nullable(Decimal(18, 2))'` that describe columns inside SQL. */
import { lex, type Token } from "./lexer.ts";

/** Only behind one of these can a structure hold an expression, or a setting of the column. */
const EXPRESSION_WORDS =
  /^(DEFAULT|ALIAS|MATERIALIZED|EPHEMERAL|CODEC|TTL|STATISTICS|SETTINGS|COLLATE|COMMENT|AS|INDEX|CONSTRAINT|PROJECTION|PRIMARY)$/;

/**
 * True when `text` is a list of `name Type`, with nothing else: no default, no expression, no codec. The engine evaluates
 * expressions there (`b String ALIAS file('x')`), and no parse tree shows them.
 */
export function isPlainStructure(text: string): boolean {
  const tokens = lex(text);
  const rest = columnList(tokens);
  return rest !== undefined && rest.length === 0;
}

/** True when `text` cannot hold an expression, whether it is a structure or just a value. */
export function holdsNoExpression(text: string): boolean {
  if (isPlainStructure(text)) return true;
  return lex(text).every(
    ({ kind, upper, text: part }) => kind !== "error" && part !== "(" && !EXPRESSION_WORDS.test(upper),
  );
}

type Rest = readonly Token[] | undefined;

/** What is left behind `name Type, name Type ...`; undefined when it is no such list. */
function columnList(tokens: readonly Token[]): Rest {
  const [name, ...behind] = tokens;
  if (name?.kind !== "word" && name?.kind !== "quoted") return undefined;
  const rest = type(behind);
  return rest?.[0]?.text === "," ? columnList(rest.slice(1)) : rest;
}

/** A type is one word, with arguments in brackets. */
function type(tokens: readonly Token[]): Rest {
  const [name, bracket, ...inside] = tokens;
  if (name?.kind !== "word" || EXPRESSION_WORDS.test(name.upper)) return undefined;
  return bracket?.text === "(" ? argumentList(inside) : tokens.slice(1);
}

/** `18, 2)`, `'a' = 1, 'b' = 2)`, `name Type, ...)`, `sum, UInt64)`, `max_dynamic_paths = 8)`; behind the bracket. */
function argumentList(tokens: readonly Token[]): Rest {
  if (tokens[0]?.text === ")") return tokens.slice(1);
  const rest = argument(tokens);
  if (rest?.[0]?.text === ")") return rest.slice(1);
  return rest?.[0]?.text === "," ? argumentList(rest.slice(1)) : undefined;
}

function argument(tokens: readonly Token[]): Rest {
  const [first, second] = tokens;
  if (first?.kind === "number") return tokens.slice(1);
  if (first?.kind === "string" || (first?.kind === "word" && second?.text === "="))
    return second?.text === "=" ? signedNumber(tokens.slice(2)) : tokens.slice(1);
  const named = second?.kind === "word" && (first?.kind === "word" || first?.kind === "quoted");
  return named ? type(tokens.slice(1)) : type(tokens);
}

function signedNumber(tokens: readonly Token[]): Rest {
  const rest = tokens[0]?.text === "-" ? tokens.slice(1) : tokens;
  return rest[0]?.kind === "number" ? rest.slice(1) : undefined;
}
