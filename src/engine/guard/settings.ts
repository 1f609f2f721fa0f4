/** Settings that a statement from outside may set for itself: each by its whole name, with the values it may have. */
import type { Token } from "../lexer.ts";
import { nameOf } from "../rewrite.ts";
import type { Refusal } from "./refusal.ts";

interface Values {
  /** For messages. */
  readonly allowed: string;
  /** `value` is the token's text; text comes in single quotes. */
  fits(value: string): boolean;
}

const flag: Values = { allowed: "0 or 1", fits: (value) => /^(0|1|true|false)$/.test(value) };
const number = (min: number, max: number): Values => ({
  allowed: `a whole number from ${min} to ${max}`,
  fits: (value) => /^\d{1,18}$/.test(value) && Number(value) >= min && Number(value) <= max,
});
const oneOf = (words: string): Values => ({
  allowed: words.split(" ").join(", "),
  fits: (value) => words.split(" ").includes(value.slice(1, -1)) && value.startsWith("'"),
});
const text = (pattern: RegExp, allowed: string): Values => ({
  allowed,
  fits: (value) => pattern.test(value),
});

const BIG = 1e15;

const SETTINGS: ReadonlyMap<string, Values> = new Map<string, Values>([
  ["max_threads", number(1, 64)],
  ["max_block_size", number(1, 1_000_000)],
  ["max_execution_time", number(1, 86_400)],
  ["max_memory_usage", number(1_000_000, BIG)],
  ["max_result_rows", number(0, BIG)],
  ["max_result_bytes", number(0, BIG)],
  ["max_rows_to_read", number(0, BIG)],
  ["max_bytes_to_read", number(0, BIG)],
  ["max_rows_to_group_by", number(0, BIG)],
  ["max_bytes_before_external_group_by", number(0, BIG)],
  ["max_bytes_before_external_sort", number(0, BIG)],
  ["limit", number(0, BIG)],
  ["offset", number(0, BIG)],
  ["result_overflow_mode", oneOf("throw break")],
  ["timeout_overflow_mode", oneOf("throw break")],
  [
    "join_algorithm",
    oneOf("default auto hash parallel_hash grace_hash full_sorting_merge partial_merge direct"),
  ],
  ["join_use_nulls", flag],
  ["group_by_use_nulls", flag],
  ["extremes", flag],
  ["final", flag],
  ["optimize_read_in_order", flag],
  ["optimize_aggregation_in_order", flag],
  [
    "session_timezone",
    text(/^'[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+)*'$/, "a time zone such as 'Europe/Berlin'"),
  ],
  ["date_time_output_format", oneOf("simple iso unix_timestamp")],
  ["format_csv_delimiter", text(/^'([,;|:]|\\t)'$/, "one of , ; | : and a tab")],
  ["format_csv_null_representation", text(/^'(\\\\)?[A-Za-z]{0,8}'$/, "up to 8 letters, or '\\\\N'")],
  ["format_tsv_null_representation", text(/^'(\\\\)?[A-Za-z]{0,8}'$/, "up to 8 letters, or '\\\\N'")],
  ["output_format_csv_crlf_end_of_line", flag],
  ["output_format_decimal_trailing_zeros", flag],
  ["output_format_json_array_of_rows", flag],
  ["output_format_json_escape_forward_slashes", flag],
  ["output_format_json_named_tuples_as_objects", flag],
  ["output_format_json_quote_64bit_floats", flag],
  ["output_format_json_quote_64bit_integers", flag],
  ["output_format_json_quote_decimals", flag],
  ["output_format_json_quote_denormals", flag],
  ["output_format_parquet_compression_method", oneOf("none snappy lz4 zstd gzip brotli")],
  ["output_format_parquet_row_group_size", number(1000, 10_000_000)],
  ["output_format_pretty_max_rows", number(1, 1_000_000)],
  ["output_format_pretty_max_value_width", number(1, 1_000_000)],
  ["output_format_pretty_row_numbers", flag],
]);

/** Of EXPLAIN: what it shows. */
const EXPLAIN_SETTINGS: ReadonlyMap<string, Values> = new Map(
  "header description indexes projections actions json sorting distributed compact keep_logical_steps graph optimize oneline run_passes dump_passes dump_ast dump_tree passes"
    .split(" ")
    .map((name) => [name, number(0, 10)]),
);

/** What may follow a SETTINGS clause. */
const AFTER = new Set([")", "UNION", "INTERSECT", "EXCEPT", "FORMAT"]);

/** What was found of SETTINGS in a text. */
export interface SettingsFound {
  /** SETTINGS clauses that are allowed. */
  readonly clauses: number;
  /** The first thing that is not allowed. */
  readonly refusal: Refusal | undefined;
}

/**
 * Checks each SETTINGS clause of a canonical text, in which keywords are bare and in capitals. Whatever it does not understand
 * is refused.
 */
export function checkSettings(tokens: readonly Token[]): SettingsFound {
  let clauses = 0;
  for (const [i, token] of tokens.entries()) {
    const isColumn = tokens[i - 1]?.text === ".";
    if (token.kind !== "word" || token.text !== "SETTINGS" || isColumn) continue;
    const list = settingsList(tokens, i + 1, SETTINGS);
    if ("refusal" in list) return { clauses, refusal: list.refusal };
    const after = tokens[list.end];
    if (after !== undefined && !AFTER.has(after.text)) return { clauses, refusal: unclear(after.text) };
    clauses++;
  }
  return { clauses, refusal: undefined };
}

/** Checks `name = value, ...` from `from` on, as EXPLAIN takes them; `end` is the first token behind it. */
export function explainSettings(tokens: readonly Token[], from: number) {
  return settingsList(tokens, from, EXPLAIN_SETTINGS);
}

type List = { readonly end: number } | { readonly refusal: Refusal };

function settingsList(tokens: readonly Token[], from: number, known: ReadonlyMap<string, Values>): List {
  for (let at = from; ; at += 4) {
    const [name, equals, value, comma] = tokens.slice(at, at + 4);
    if (!name || !["word", "quoted"].includes(name.kind))
      return { refusal: unclear(name?.text ?? "its end") };
    const values = known.get(nameOf(name));
    if (!values) return { refusal: unknown(nameOf(name), known) };
    if (equals?.text !== "=" || !value) return { refusal: unclear(nameOf(name)) };
    if (value.kind !== "string" && value.kind !== "number" && !/^(true|false)$/.test(value.text))
      return { refusal: unfit(nameOf(name), value.text === "{" ? "a parameter" : value.text, values) };
    if (!values.fits(value.text))
      return { refusal: unfit(nameOf(name), value.text === "{" ? "a parameter" : value.text, values) };
    if (comma?.text !== ",") return { end: at + 3 };
  }
}

function unknown(name: string, known: ReadonlyMap<string, Values>): Refusal {
  return {
    message: `The setting ${name} is not allowed here`,
    name,
    allowed: [...known.keys()].join(", "),
    hint: "Leave it out, or put the statement into a model.",
  };
}

function unfit(name: string, value: string, { allowed }: Values): Refusal {
  return {
    message: `${name} = ${value} is not allowed here`,
    name,
    allowed: `${name} = ${allowed}`,
    hint: "Write the value itself; parameters and DEFAULT are no values here.",
  };
}

function unclear(near: string): Refusal {
  return {
    message: `The settings near ${near} are not allowed here`,
    name: near,
    allowed: "SETTINGS name = value, name = value at the end of a SELECT",
    hint: "A column called SETTINGS is written with its table: t.SETTINGS.",
  };
}
