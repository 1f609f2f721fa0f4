/** What a model may not name: things whose value depends on more than the rows it reads. */
import type { Engine } from "../engine/engine.ts";
import { functionLists } from "../engine/function-lists.ts";
import { lex } from "../engine/lexer.ts";
import { nameOf } from "../engine/rewrite.ts";
import { isPlainStructure } from "../engine/structure-text.ts";
import { type Call, type SyntaxNames, structureOf } from "../engine/syntax-names.ts";

/** Marked by the engine although their value depends on their arguments alone. */
const harmless = new Set(["arrayjoin", "unnest", "isconstant", "financialnetpresentvalueextended"]);

/** Not marked by the engine: their value depends on how rows are cut into blocks. */
const unmarked = [
  "runningdifference",
  "runningdifferencestartingwithfirstvalue",
  "runningaccumulate",
  "runningconcurrency",
  "neighbor",
];

/** Functions that the engine calls without brackets where no column has the name: `SELECT today`. */
const withoutBrackets = new Set(
  `currentdatabase current_database database schema currentuser current_user session_user user now today curdate current_date
  localtime localtimestamp current_timestamp`.split(/\s+/),
);

/** Table functions that yield the same rows each time; all others read something whose version nobody knows. */
const pureTableFunctions = new Set(
  "numbers numbers_mt zeros zeros_mt primes generate_series generateseries values null sqlstandardvalues".split(
    " ",
  ),
);

/** Tables of the engine that a model may read: they never change. */
export const constantTables: ReadonlySet<string> = new Set([
  "system.one",
  "system.numbers",
  "system.numbers_mt",
  "system.zeros",
  "system.zeros_mt",
]);

/** Something that a model names and may not. */
export interface Unstable {
  /** As it is written, to find its place. */
  readonly name: string;
  /** What is wrong, for people. */
  readonly message: string;
  /** What to write instead. */
  readonly hint: string;
}

/** What an engine's own lists say of its functions; names are in lower case. */
export interface FunctionFacts {
  /** Functions that a model must not call. */
  readonly unstable: ReadonlySet<string>;
  /** Functions whose first argument may be the name of another function. */
  readonly higherOrder: ReadonlySet<string>;
}

/** By version of the engine: its lists never change. */
const known = new Map<string, FunctionFacts>();

/** The facts, from the engine's own lists; asked for once. */
export async function functionFacts(engine: Engine): Promise<FunctionFacts> {
  const found = known.get(engine.version) ?? (await readFacts(engine));
  known.set(engine.version, found);
  return found;
}

/** Lower-case names of the functions a model must not call. */
export async function nondeterministicFunctions(engine: Engine): Promise<ReadonlySet<string>> {
  return (await functionFacts(engine)).unstable;
}

/** What the engine does not say of a function that is no aggregate function counts as no. */
async function readFacts(engine: Engine): Promise<FunctionFacts> {
  const { functions } = await functionLists(engine);
  const unstable = functions.filter(
    ({ isDeterministic, isAggregate }) =>
      isDeterministic === false || (!isAggregate && isDeterministic === undefined),
  );
  const lower = ({ name }: { readonly name: string }): string => name.toLowerCase();
  return {
    unstable: new Set([...unmarked, ...unstable.map(lower).filter((name) => !harmless.has(name))]),
    higherOrder: new Set(functions.filter(({ isHigherOrder }) => isHigherOrder).map(lower)),
  };
}

/**
 * What of the names in a model's SELECT is not stable, wherever it is written: in calls, as a bare argument (`arrayMap(rand, ...)`), in
 * APPLY, in the text of a structure (`'b DateTime ALIAS now()'`), in a setting. `sql` is the SELECT.
 */
export function unstableNames(
  names: SyntaxNames,
  sql: string,
  { unstable, higherOrder }: FunctionFacts,
): Unstable[] {
  const called = names.calls.map(({ name }) => name);
  const handed = names.bareArguments
    .filter(({ of, leads }) => leads && higherOrder.has(of.toLowerCase()))
    .map(({ name }) => name);
  const functions = [...called, ...handed, ...appliedNames(sql)].filter((name) =>
    unstable.has(name.toLowerCase()),
  );
  return [
    ...unique(functions).map(unstableFunction),
    ...unique(names.tableFunctions.map(({ name }) => name).filter((name) => !isPure(name))).map(impure),
    ...names.tableFunctions.flatMap(expressionInStructure),
    ...filtersInSettings(sql),
  ];
}

/** The problem of one function, wherever it is written. */
export function unstableFunction(name: string): Unstable {
  return { name, message: `${name}() gives another value at each run`, hint: insteadOf(name) };
}

/** Names of one part that the engine may call as a function; whether it does, only its query tree tells. */
export function mayBeCalls(names: SyntaxNames, { unstable }: FunctionFacts): boolean {
  return names.words.some(
    (name) => withoutBrackets.has(name.toLowerCase()) && unstable.has(name.toLowerCase()),
  );
}

function isPure(name: string): boolean {
  return pureTableFunctions.has(name.toLowerCase());
}

function impure(name: string): Unstable {
  return {
    name,
    message: `${name}() reads data that has no version`,
    hint: "a model reads datasets; bring the data in as a source",
  };
}

function expressionInStructure(call: Call): Unstable[] {
  const structure = structureOf(call);
  const looksLikeOne =
    structure !== undefined && /\b(DEFAULT|ALIAS|MATERIALIZED|EPHEMERAL)\b/i.test(structure);
  if (!looksLikeOne || isPlainStructure(structure)) return [];
  return [
    {
      name: call.name,
      message: `the structure of ${call.name}() holds an expression: ${structure.slice(0, 100)}`,
      hint: "names and types only there; compute other columns in the SELECT",
    },
  ];
}

/** The parse tree does not show what APPLY is given: every name in it counts. */
function appliedNames(sql: string): string[] {
  const tokens = lex(sql);
  return tokens.flatMap((token, i) => {
    if (token.upper !== "APPLY") return [];
    const end = tokens.findIndex(({ text, depth }, j) => j > i + 1 && text === ")" && depth === token.depth);
    const inside = tokens[i + 1]?.text === "(" ? tokens.slice(i + 2, end) : tokens.slice(i + 1, i + 2);
    return inside.filter(({ kind }) => kind === "word" || kind === "quoted").map(nameOf);
  });
}

/** Settings that hold SQL of their own, which no parse tree shows. */
function filtersInSettings(sql: string): Unstable[] {
  const name = lex(sql)
    .map(nameOf)
    .find((each) => /^additional_(result_filter|table_filters)$/.test(each));
  if (name === undefined) return [];
  return [
    {
      name,
      message: `the setting ${name} is not allowed in a model`,
      hint: "write the condition into WHERE",
    },
  ];
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)].sort();
}

/** What to write instead. */
function insteadOf(name: string): string {
  const lower = name.toLowerCase();
  if (/^(today|curdate|current_date|yesterday)$/.test(lower))
    return "use a parameter, {today:Date}: the run gives it, so a repeated run sees the same day";
  if (/now|time|local/.test(lower))
    return "use a parameter, {interval_start:DateTime} or {interval_end:DateTime}: the run gives it";
  if (/^rand|uuid|snowflake|serial/i.test(lower)) return "derive it from the rows, e.g. cityHash64(order_id)";
  if (/^dict|^joinget/.test(lower)) return "join the dataset that holds the values";
  return "a model must give the same rows for the same input";
}
