/**
 * Every name in a statement that means something of the engine: the one walker over the engine's parse tree. The guard of
 * SQL from outside and the rules for models both ask it, so that what one of them sees the other sees too.
 */
import { placesIn, type SyntaxNode, type SyntaxPlace, textOf } from "./syntax-tree.ts";

/** A name without brackets among the arguments of a function: a column, or, for a function of functions, a function. */
export interface BareArgument {
  /** As it is written. */
  readonly name: string;
  /** The function that gets it. */
  readonly of: string;
  /** True for the first of several arguments: there `arrayMap` and its kin take a function. */
  readonly leads: boolean;
}

/** A function with what it is given. */
export interface Call {
  /** As it is written. */
  readonly name: string;
  /** Its arguments in their order, without parameters and window. */
  readonly arguments: readonly SyntaxNode[];
}

/** What a statement names, sorted by what each name may mean. */
export interface SyntaxNames {
  /** Functions, aggregate and window functions that are called; operators under their function's name. */
  readonly calls: readonly Call[];
  /** Functions that are called where a table could be named. */
  readonly tableFunctions: readonly Call[];
  /** Names without brackets among the arguments of functions. */
  readonly bareArguments: readonly BareArgument[];
  /** Tables behind FROM and JOIN, as written: one part or more. */
  readonly tables: readonly string[];
  /** Names of several parts behind IN, which the engine reads as tables. */
  readonly tablesAfterIn: readonly string[];
  /** All names of one part that are read as a value. The engine calls some functions without brackets: `today`. */
  readonly words: readonly string[];
  /** Names of functions that the statement defines: `WITH (x -> x + 1) AS f`. */
  readonly lambdas: readonly string[];
  /** Names that a table or an expression of the statement was given with AS. */
  readonly aliases: readonly string[];
  /** Kinds of all nodes, each once. */
  readonly kinds: ReadonlySet<string>;
}

/** All names of a statement, from its parse tree. */
export function syntaxNames(root: SyntaxNode): SyntaxNames {
  const places = [...placesIn(root)];
  const of = (kind: string) => places.filter(({ node }) => node.kind === kind);
  const functions = of("Function");
  const words = of("Identifier").filter(({ node }) => isWord(node.name));
  const calls = (wanted: boolean) =>
    functions.filter((place) => isTableFunction(place) === wanted).map(({ node }) => callOf(node));
  return {
    calls: calls(false),
    tableFunctions: calls(true),
    bareArguments: words.flatMap(bareArgument),
    tables: of("TableIdentifier").map(({ node }) => node.name),
    tablesAfterIn: of("Identifier")
      .filter(isAfterIn)
      .map(({ node }) => node.name),
    words: words.map(({ node }) => node.name),
    lambdas: functions.flatMap(({ node }) =>
      node.name === "lambda" && node.alias !== "" ? [node.alias] : [],
    ),
    aliases: places.flatMap(({ node }) => (node.alias === "" ? [] : [node.alias])),
    kinds: new Set(places.map(({ node }) => node.kind)),
  };
}

function isTableFunction({ above }: SyntaxPlace): boolean {
  return above[0]?.kind === "TableExpression";
}

/** The first list below a function holds its arguments; others hold parameters and the window. */
function callOf(node: SyntaxNode): Call {
  const [list] = node.children;
  return { name: node.name, arguments: list?.kind === "ExpressionList" ? list.children : [] };
}

function bareArgument({ node, above: [list, owner] }: SyntaxPlace): BareArgument[] {
  if (list?.kind !== "ExpressionList" || owner?.kind !== "Function") return [];
  const given = callOf(owner).arguments;
  return [{ name: node.name, of: owner.name, leads: given.length > 1 && given[0] === node }];
}

const inFunction = /^(global)?(not)?(null)?in(ignoreset)?$/i;

function isAfterIn({ node, above: [list, owner] }: SyntaxPlace): boolean {
  return (
    owner?.kind === "Function" &&
    inFunction.test(owner.name) &&
    list?.children[1] === node &&
    !isWord(node.name)
  );
}

function isWord(name: string): boolean {
  return !name.includes(".");
}

/** Table functions whose first argument may be the text of a structure: `values('a UInt8', 1)`. */
const WITH_STRUCTURE = new Set(["values", "null", "generaterandom", "input"]);

/** The structure text of a table function's call; undefined when it has none. */
export function structureOf({ name, arguments: given }: Call): string | undefined {
  const lower = name.toLowerCase();
  if (lower === "format") return given.length > 2 ? textOf(given[1]) : undefined;
  if (lower === "values" && given.length < 2) return undefined;
  return WITH_STRUCTURE.has(lower) ? textOf(given[0]) : undefined;
}
