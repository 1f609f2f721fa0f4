/** Small pieces of SQL that several check types share. */

import type { CheckSpec } from "../api/checks.ts";
import { ident, text } from "../engine/sql.ts";
import { ShoplakeError } from "../util/errors.ts";
import type { CompiledCheck, CompileInput } from "./check-type.ts";

/** The quoted column of a check: the one it is declared under, else its argument `column`. */
export function columnOf(spec: CheckSpec, args: { readonly column?: string | undefined } = {}): string {
  const column = args.column ?? spec.column;
  if (column === undefined)
    throw new ShoplakeError("model", `check ${spec.name} names no column`, { where: spec.location });
  return ident(column);
}

/** `WITH a AS x, ... ` in front of a SELECT, or nothing. */
export function withAliases(aliases: NonNullable<CompiledCheck["aliases"]>): string {
  if (aliases.length === 0) return "";
  return `WITH ${aliases.map(([name, sql]) => `${sql} AS ${ident(name)}`).join(", ")} `;
}

/** A check that looks at each row alone: `bad` is SQL that is true for a bad row (NULL: not bad). */
export function rowCheck(
  spec: CheckSpec,
  input: CompileInput,
  bad: string,
  aliases: NonNullable<CompiledCheck["aliases"]> = [],
): CompiledCheck {
  const looked = spec.where === undefined ? undefined : bracket(spec.where);
  const both = looked === undefined ? bad : `${looked} AND ${bad}`;
  return {
    aliases,
    aggregates: {
      elements: looked === undefined ? "count()" : `countIf(${looked})`,
      unexpected: `countIf(${both})`,
    },
    judge: (answers) => {
      const elements = Number(answers["elements"] ?? 0);
      const unexpected = Number(answers["unexpected"] ?? 0);
      return { elements, unexpected, message: countMessage(unexpected, elements) };
    },
    badRows: `${withAliases(aliases)}SELECT * FROM ${input.from} WHERE ${both}`,
  };
}

/** "3 of 120 rows" */
export function countMessage(unexpected: number, elements: number): string {
  return unexpected === 0 ? `${elements} rows, none bad` : `${unexpected} of ${elements} rows are bad`;
}

/** A condition in brackets, on lines of its own against a comment at its end. */
export function bracket(condition: string): string {
  return `(\n${condition.trim()}\n)`;
}

/** ` WHERE (...)` or nothing. */
export function whereClause(condition: string | undefined): string {
  return condition === undefined ? "" : ` WHERE ${bracket(condition)}`;
}

/** A number, text or boolean as SQL. */
export function literal(value: string | number | boolean): string {
  return typeof value === "string" ? text(value) : String(value);
}

/** "1d", "90m", "36h", "45s", "2w" as milliseconds; undefined when it is none. */
export function durationMs(value: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*(s|m|h|d|w)$/.exec(value.trim());
  if (!match) return undefined;
  return Number(match[1]) * (UNIT_MS[match[2] ?? ""] ?? 0);
}

const UNIT_MS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** "silver.customers.customer_id" -> dataset and column. */
export function splitColumn(to: string): { readonly dataset: string; readonly column: string } {
  const dot = to.lastIndexOf(".");
  return { dataset: to.slice(0, dot), column: to.slice(dot + 1) };
}
