/** Statements made from statements that are allowed, with pieces that are not: what a person would try, by chance. */
import fc from "fast-check";
import { lex } from "../../../src/engine/lexer.ts";

/** FILE, PRECIOUS, URL and DIR stand for the places of the world. */
const PIECES: readonly string[] = [
  "file",
  "`file`",
  "FILE",
  "url",
  "file('FILE')",
  "'FILE'",
  "['FILE']",
  "url('URL', 'LineAsString')",
  "file('FILE', 'LineAsString')",
  "(SELECT * FROM file('FILE', 'LineAsString'))",
  "arrayMap(file, ['FILE'])",
  "arrayMap(x -> file(x), ['FILE'])",
  "x -> file(x)",
  "'a UInt8, b String ALIAS file(\\'FILE\\')'",
  "values('a UInt8, b String ALIAS file(''FILE'')', 1)",
  "format(Values, 'a String', '(file(''FILE''))')",
  "{s:String}",
  "{i:Identifier}",
  "APPLY(file)",
  "SETTINGS additional_result_filter = 'toInt64(file(\\'FILE\\'))'",
  "SETTINGS max_threads = 1, output_format_schema = 'PRECIOUS'",
  ", `format_schema` = 'FILE'",
  "INTO OUTFILE 'DIR/new.txt'",
  "FORMAT Protobuf",
  "FORMAT Template SETTINGS format_template_row = 'FILE'",
  "system.processes",
  "staging.orders",
  "EXPLAIN",
  "DESCRIBE TABLE",
  "WITH file AS f",
  "AS file",
  "/*",
  "*/",
  "--",
  "\n",
  ";",
  "'",
  "`",
  "\\",
  "(",
  ")",
  ",",
  "SETTINGS",
  "final",
];

interface Change {
  readonly at: number;
  readonly from: number;
  readonly kind: "put" | "replace" | "remove" | "copy" | "quote" | "case";
  readonly piece: string;
}

const change: fc.Arbitrary<Change> = fc.record({
  at: fc.nat(10_000),
  from: fc.nat(10_000),
  kind: fc.constantFrom("put", "put", "replace", "replace", "remove", "copy", "quote", "case"),
  piece: fc.constantFrom(...PIECES),
});

/** One of the statements, changed at one to three places. */
export function mutated(statements: readonly string[]): fc.Arbitrary<string> {
  return fc
    .tuple(fc.constantFrom(...statements), fc.array(change, { minLength: 1, maxLength: 3 }))
    .map(([sql, changes]) => changes.reduce(apply, sql));
}

function apply(sql: string, { at, from, kind, piece }: Change): string {
  const words = lex(sql).map(({ text }) => text);
  if (words.length === 0) return piece;
  const place = at % words.length;
  const old = words[place] ?? "";
  const other = words[from % words.length] ?? "";
  const now: Readonly<Record<Change["kind"], readonly string[]>> = {
    put: [old, piece],
    replace: [piece],
    remove: [],
    copy: [other],
    quote: [`\`${old}\``],
    case: [old === old.toUpperCase() ? old.toLowerCase() : old.toUpperCase()],
  };
  return words.toSpliced(place, 1, ...now[kind]).join(" ");
}
