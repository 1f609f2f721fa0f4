/** A .sql file of a project: a leading comment that holds YAML, then one statement. */
import { lex } from "../engine/lexer.ts";
import { parametersOf, parameterTokens } from "../engine/parameters.ts";
import type { Problem } from "../util/errors.ts";
import { at } from "./issues.ts";
import { readYaml, type YamlDocument } from "./yaml-document.ts";

/** The two parts of a file, and what is wrong with them. */
export interface SqlFile {
  /** Relative to the project. */
  readonly file: string;
  /** The YAML of the leading comment; empty when there is none. */
  readonly header: YamlDocument;
  /** The statement without header, trailing semicolon and trailing comments. */
  readonly sql: string;
  /** Line of the file on which `sql` starts, from 1. */
  readonly sqlLine: number;
  /** Names and types of its `{name:Type}` parameters. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Of the file as a whole, not of its header. */
  readonly problems: readonly Problem[];
}

/** Splits a file. A statement that is missing, or more than one, is a problem. */
export function readSqlFile(file: string, content: string): SqlFile {
  const text = content.replace(/^\uFEFF/, "");
  const opening = /^\s*\/\*/.exec(text)?.[0];
  const close = opening === undefined ? -1 : text.indexOf("*/");
  const header = opening !== undefined && close >= 0 ? text.slice(opening.length, close) : "";
  const yaml = readYaml({ file, text: header, firstLine: lineAt(text, opening?.length ?? 0) });
  const problems: Problem[] = [];
  if (opening !== undefined && close < 0)
    problems.push({ message: "the header comment is not closed", hint: "end it with */", ...at(file, 1) });
  const from = close >= 0 ? close + 2 : opening === undefined ? 0 : text.length;
  const statement = oneStatement(text, from, file, problems);
  return {
    file,
    header: yaml,
    ...statement,
    parameters: readParameters(statement, file, problems),
    problems,
  };
}

function oneStatement(text: string, from: number, file: string, problems: Problem[]) {
  const tokens = lex(text.slice(from));
  const end = tokens.findIndex(({ text }) => text === ";");
  const statement = end < 0 ? tokens : tokens.slice(0, end);
  const [first, last] = [statement[0], statement.at(-1)];
  const second = end < 0 ? undefined : tokens.slice(end).find(({ text }) => text !== ";");
  if (second)
    problems.push({
      message: "there is a second statement",
      hint: "one file holds one SELECT; use WITH for steps",
      ...at(file, lineAt(text, from + second.start)),
    });
  if (!first || !last) {
    if (problems.length === 0)
      problems.push({ message: "there is no SELECT", ...at(file, lineAt(text, from)) });
    return { sql: "", sqlLine: lineAt(text, from) };
  }
  return {
    sql: text.slice(from + first.start, from + last.end),
    sqlLine: lineAt(text, from + first.start),
  };
}

function readParameters(
  { sql, sqlLine }: { sql: string; sqlLine: number },
  file: string,
  problems: Problem[],
) {
  const types = parametersOf(sql);
  for (const { name, type, start } of parameterTokens(sql))
    if (types[name] !== type)
      problems.push({
        message: `parameter ${name} is ${types[name]} in one place and ${type} in another`,
        hint: "give it one type",
        ...at(file, sqlLine + lineAt(sql, start) - 1),
      });
  return types;
}

/** The line on which a parameter is first used. */
export function parameterLine({ sql, sqlLine }: Pick<SqlFile, "sql" | "sqlLine">, name: string): number {
  const token = parameterTokens(sql).find((token) => token.name === name);
  return sqlLine + lineAt(sql, token?.start ?? 0) - 1;
}

/** The 1-based line of an offset. */
export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}
