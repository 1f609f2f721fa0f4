/** Which functions SQL from outside may call: decided by the engine's own list and its categories. */
import type { Engine } from "../engine.ts";

export interface FunctionRules {
  /** Of a scalar, aggregate or window function, with combinators (`sumIf`). */
  allowsFunction(name: string): boolean;
  allowsTableFunction(name: string): boolean;
  /** The name of a function or table function of this engine that is not allowed as either. */
  isForbidden(name: string): boolean;
}

/** Categories of system.functions in which every function only computes from its arguments or reads existing dictionaries. */
const CATEGORIES: ReadonlySet<string> = new Set([
  "Aggregate Functions",
  "Arithmetic",
  "Arrays",
  "Bit",
  "Bitmap",
  "Comparison",
  "Conditional",
  "Dates and Times",
  "Dictionary",
  "Distance",
  "Encoding",
  "Encryption",
  "Financial",
  "Geo",
  "Geo Polygon",
  "Hash",
  "IP Address",
  "JSON",
  "Logical",
  "Map",
  "Mathematical",
  "Null",
  "NumericIndexedVector",
  "QBit",
  "Random Number",
  "Rounding",
  "String",
  "String Replacement",
  "String Search",
  "String Splitting",
  "Time Series",
  "Time Window",
  "Tuple",
  "Type Conversion",
  "URL",
  "UUID",
]);

/** Of other categories. `lambda`, `exists` and `_CAST` are what the parser makes of `x -> y`, EXISTS and parameters. */
const OTHERS: readonly string[] = [
  ..."_CAST lambda exists grouping bar byteSize blockSize countDigits currentDatabase defaultValueOfTypeName".split(
    " ",
  ),
  ..."defaultValueOfArgumentType digits finalizeAggregation formatQuery formatQuerySingleLine formatReadableSize".split(
    " ",
  ),
  ..."formatReadableDecimalSize formatReadableQuantity formatReadableTimeDelta getSetting getSubcolumn identity".split(
    " ",
  ),
  ..."ignore indexHint initializeAggregation isConstant isDecimalOverflow materialize minSampleSizeContinuous".split(
    " ",
  ),
  ..."minSampleSizeConversion neighbor normalizeQuery normalizedQueryHash parseReadableSize parseTimeDelta".split(
    " ",
  ),
  ..."rowNumberInAllBlocks rowNumberInBlock runningAccumulate runningDifference throwIf toColumnTypeName".split(
    " ",
  ),
  ..."toTypeName transform variantElement variantType version visibleWidth".split(" "),
];

/** Never, whatever their category: they ask the network. */
const NEVER: ReadonlySet<string> = new Set(["reversednsquery"]);

/** Table functions that only compute. `SQLStandardValues` is what the parser makes of `(VALUES (1))`. */
const TABLE_FUNCTIONS = new Set(
  "numbers numbers_mt zeros zeros_mt values sqlstandardvalues null view generate_series generateseries format".split(
    " ",
  ),
);

const cache = new WeakMap<Engine, Promise<FunctionRules>>();

/** The rules for one engine; its lists are read once. */
export function functionRules(engine: Engine): Promise<FunctionRules> {
  const known = cache.get(engine) ?? readRules(engine);
  cache.set(engine, known);
  return known;
}

interface FunctionRow {
  readonly name: string;
  readonly alias_to: string;
  readonly categories: string;
  readonly is_aggregate: number;
}

async function readRules(engine: Engine): Promise<FunctionRules> {
  const functions = await engine.rows<FunctionRow>(
    "SELECT name, alias_to, categories, is_aggregate FROM system.functions",
  );
  const tableFunctions = await engine.rows<{ name: string }>("SELECT name FROM system.table_functions");
  const combinators = await engine.rows<{ name: string }>(
    "SELECT name FROM system.aggregate_function_combinators",
  );
  const categories = new Map(functions.map((row) => [row.name, row.categories]));
  const isSafe = (row: FunctionRow) =>
    CATEGORIES.has(row.categories) ||
    (row.alias_to !== "" && CATEGORIES.has(categories.get(row.alias_to) ?? ""));
  const allowed = new Set([...OTHERS, ...functions.filter(isSafe).map(({ name }) => name)].map(lower));
  for (const name of NEVER) allowed.delete(name);
  const aggregates = new Set(
    functions.filter((row) => row.is_aggregate === 1).map(({ name }) => lower(name)),
  );
  const suffixes = combinators.map(({ name }) => lower(name));
  const isAggregate = (name: string): boolean =>
    aggregates.has(name) ||
    suffixes.some((suffix) => name.endsWith(suffix) && isAggregate(name.slice(0, -suffix.length)));
  const exists = new Set([...functions, ...tableFunctions].map(({ name }) => lower(name)));
  const allowsFunction = (name: string) => allowed.has(lower(name)) || isAggregate(lower(name));
  const allowsTableFunction = (name: string) => TABLE_FUNCTIONS.has(lower(name));
  return {
    allowsFunction,
    allowsTableFunction,
    isForbidden: (name) => exists.has(lower(name)) && !allowsFunction(name) && !allowsTableFunction(name),
  };
}

function lower(name: string): string {
  return name.toLowerCase();
}
