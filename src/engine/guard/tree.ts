/** What the engine's own parse tree of a statement from outside may hold. */
import { holdsNoExpression, isPlainStructure } from "../structure-text.ts";
import { type BareArgument, type Call, type SyntaxNames, structureOf } from "../syntax-names.ts";
import { textOf } from "../syntax-tree.ts";
import { isInputFormat } from "./formats.ts";
import type { FunctionRules } from "./functions.ts";
import type { Refusal } from "./refusal.ts";
import { tableRefusal } from "./tables.ts";

/** Nodes that hold nothing that is not shown as a node of its own. Functions, tables and settings are looked at one by one. */
const NODES =
  /^(Function|Identifier|TableIdentifier|SelectWithUnionQuery|SelectIntersectExceptQuery|SelectQuery|ExpressionList|Literal|Subquery|WithElement|TablesInSelectQuery|TablesInSelectQueryElement|TableExpression|TableJoin|ArrayJoin|Asterisk|QualifiedAsterisk|ColumnsTransformerList|ColumnsExceptTransformer|ColumnsReplaceTransformer|ColumnsReplaceTransformer::Replacement|ColumnsRegexpMatcher|ColumnsListMatcher|QualifiedColumnsRegexpMatcher|QualifiedColumnsListMatcher|OrderByElement|InterpolateElement|WindowDefinition|WindowListElement|SampleRatio|Set|Explain|DescribeQuery|ShowTables|ShowColumns|ShowFunctions|ShowCreateTableQuery|ShowCreateViewQuery|ExistsTableQuery|ExistsViewQuery|ExistsDatabaseQuery)$/;

/** The first thing in the tree that is not allowed. `subqueries` are the names that a WITH gives. */
export function treeRefusal(
  names: SyntaxNames,
  rules: FunctionRules,
  subqueries: ReadonlySet<string>,
): Refusal | undefined {
  const node = [...names.kinds].find((kind) => !NODES.test(kind));
  if (node !== undefined) return { message: `${node} is not allowed here` };
  const lambdas = new Set(names.lambdas.filter((name) => !rules.exists(name)));
  return (
    first(names.tableFunctions, (call) => tableFunctionRefusal(call, rules)) ??
    first(names.calls, (call) => callRefusal(call, rules, lambdas)) ??
    first(names.bareArguments, (argument) => argumentRefusal(argument, rules, lambdas)) ??
    first([...names.tables, ...names.tablesAfterIn], (name) =>
      subqueries.has(name) ? undefined : tableRefusal(name),
    )
  );
}

function first<T>(items: readonly T[], check: (item: T) => Refusal | undefined): Refusal | undefined {
  for (const item of items) {
    const found = check(item);
    if (found) return found;
  }
  return undefined;
}

function tableFunctionRefusal(call: Call, rules: FunctionRules): Refusal | undefined {
  const { name } = call;
  if (!rules.allowsTableFunction(name))
    return { message: `The table function ${name} is not allowed here`, name };
  if (name.toLowerCase() === "format") return formatCallRefusal(call);
  const structure = structureOf(call);
  return structure === undefined || holdsNoExpression(structure)
    ? undefined
    : structureRefusal(name, structure);
}

/** format(name, data) or format(name, structure, data), all of them plain text. */
function formatCallRefusal({ name, arguments: given }: Call): Refusal | undefined {
  const format = given[0]?.kind === "Identifier" ? given[0].name : textOf(given[0]);
  if (format === undefined || !isInputFormat(format))
    return { message: `The table function format of ${format ?? "an expression"} is not allowed here`, name };
  const [structure, data] = given.length > 2 ? given.slice(1) : [undefined, given[1]];
  if (textOf(data) === undefined || given.length > 3 || (structure && textOf(structure) === undefined))
    return { message: "The arguments of format are not allowed here", name, allowed: "plain texts" };
  const text = textOf(structure);
  return text === undefined || isPlainStructure(text) ? undefined : structureRefusal(name, text);
}

function structureRefusal(name: string, structure: string): Refusal {
  return {
    message: `The structure of ${name} is not allowed here: ${structure.slice(0, 100)}`,
    name,
    allowed: "names and types only, such as 'id UInt64, price Nullable(Decimal(18, 2))'",
    hint: "Compute other columns in the SELECT.",
  };
}

/** Functions whose first argument is the name of an aggregate function as text. */
const NAMES_AGGREGATE = new Set(["arrayreduce", "arrayreduceinranges", "initializeaggregation"]);

function callRefusal(call: Call, rules: FunctionRules, lambdas: ReadonlySet<string>): Refusal | undefined {
  const { name, arguments: given } = call;
  if (lambdas.has(name)) return undefined;
  if (!rules.allowsFunction(name)) return { message: `The function ${name} is not allowed here`, name };
  if (!NAMES_AGGREGATE.has(name.toLowerCase())) return undefined;
  const aggregate = /^\w+/.exec(textOf(given[0]) ?? "")?.[0];
  if (aggregate !== undefined && rules.allowsAggregate(aggregate)) return undefined;
  return {
    message: `The function ${name} of ${aggregate ?? "an expression"} is not allowed here`,
    name,
    allowed: "the name of an aggregate function as text, such as 'sum'",
  };
}

/** `arrayMap(file, ...)`: a bare name that the engine may read as a function must be one that is allowed. */
function argumentRefusal(
  { name, of, leads }: BareArgument,
  rules: FunctionRules,
  lambdas: ReadonlySet<string>,
): Refusal | undefined {
  if (!rules.isHigherOrder(of) || lambdas.has(name) || rules.allowsFunction(name)) return undefined;
  if (!leads && !rules.exists(name)) return undefined;
  return {
    message: `The function ${name}, an argument of ${of}, is not allowed here`,
    name,
    hint: "A column of that name is written with its table: t.name; a function as x -> f(x).",
  };
}
