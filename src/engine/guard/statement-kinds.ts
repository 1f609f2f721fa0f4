/** Which statements SQL from outside may be, on their canonical text: keywords in capitals, one blank between words. */
import type { Token } from "../lexer.ts";
import type { Refusal } from "./refusal.ts";
import { explainSettings } from "./settings.ts";
import { isPublished, tableRefusal } from "./tables.ts";

const NAME = "(?:`(?:[^`\\\\])+`|\\w+)";
const LIKE = "(?: (?:NOT )?I?LIKE '(?:[^'\\\\]|\\\\.)*')?(?: LIMIT \\d+)?";

/** SHOW statements by their whole shape; the groups are database and table. */
const SHOWS: readonly RegExp[] = [
  new RegExp(`^SHOW DATABASES${LIKE}$`),
  new RegExp(`^SHOW FUNCTIONS${LIKE}$`),
  new RegExp(`^SHOW TABLES FROM (?<database>${NAME})${LIKE}$`),
  new RegExp(`^SHOW (?:FULL )?COLUMNS FROM (?<table>${NAME}) FROM (?<database>${NAME})${LIKE}$`),
  new RegExp(`^SHOW CREATE (?:TABLE|VIEW) (?<database>${NAME})\\.(?<table>${NAME})$`),
  new RegExp(`^EXISTS (?:TABLE|VIEW) (?<database>${NAME})\\.(?<table>${NAME})$`),
  new RegExp(`^EXISTS DATABASE (?<database>${NAME})$`),
];

const READS = new Set(["SELECT", "WITH", "(", "DESCRIBE"]);

const KINDS =
  "SELECT, WITH, SHOW TABLES | DATABASES | COLUMNS | FUNCTIONS | CREATE TABLE, DESCRIBE, EXISTS, EXPLAIN";

/** Undefined when the statement may run as far as its kind goes; what it reads is checked elsewhere. */
export function kindRefusal(canonical: string, tokens: readonly Token[]): Refusal | undefined {
  const first = tokens[0]?.text ?? "";
  if (READS.has(first)) return undefined;
  if (first === "EXPLAIN") return explainRefusal(tokens);
  if (first === "SHOW" || first === "EXISTS") return showRefusal(canonical, first);
  return { message: `${first} is not allowed here`, name: first, allowed: KINDS };
}

function showRefusal(canonical: string, first: string): Refusal | undefined {
  const shape = SHOWS.map((pattern) => pattern.exec(canonical)).find((found) => found !== null);
  if (!shape) {
    const what = / WHERE /.test(canonical) ? `${first} with an expression` : firstWords(canonical);
    return {
      message: `${what} is not allowed here`,
      name: first,
      allowed: KINDS,
      hint: "Name the database: SHOW TABLES FROM gold; SELECT from system.tables and system.columns for conditions.",
    };
  }
  const { database, table } = shape.groups ?? {};
  if (database === undefined) return undefined;
  if (table !== undefined) return tableRefusal(`${unquoted(database)}.${unquoted(table)}`);
  if (isPublished(unquoted(database))) return undefined;
  return {
    message: `The database ${unquoted(database)} is not allowed here`,
    name: unquoted(database),
    allowed: "bronze, silver, gold",
  };
}

const EXPLAINS = /^(|AST|SYNTAX|QUERY TREE|PLAN|PIPELINE|ESTIMATE)$/;

function explainRefusal(tokens: readonly Token[]): Refusal | undefined {
  const isStart = (token: Token): boolean => READS.has(token.text) && token.text !== "DESCRIBE";
  const start = tokens.findIndex(isStart);
  const head = tokens.slice(1, start < 0 ? 4 : start);
  const equals = head.findIndex(({ text }) => text === "=");
  const words = (equals < 0 ? head : head.slice(0, equals - 1)).map(({ text }) => text).join(" ");
  if (start < 0 || !EXPLAINS.test(words))
    return {
      message: `EXPLAIN ${words} is not allowed here`,
      name: "EXPLAIN",
      allowed: "EXPLAIN [AST | SYNTAX | QUERY TREE | PLAN | PIPELINE | ESTIMATE] of one SELECT",
    };
  if (equals < 0) return undefined;
  const list = explainSettings(tokens, equals);
  if ("refusal" in list) return list.refusal;
  return list.end === start
    ? undefined
    : { message: "The settings of EXPLAIN are not understood", name: "EXPLAIN" };
}

function firstWords(canonical: string): string {
  return canonical.split(" ").slice(0, 3).join(" ");
}

/** The name without its backticks; the patterns above let no escape pass. */
function unquoted(name: string): string {
  return name.startsWith("`") ? name.slice(1, -1) : name;
}
