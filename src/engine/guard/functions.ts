/** Which functions SQL from outside may call: by name, from the engine's own lists. What is not known is refused. */
import type { EngineFunction, FunctionLists } from "../function-lists.ts";

/** What may be called, by the lists of one engine. */
export interface FunctionRules {
  /** A scalar, aggregate or window function, with combinators (`sumIf`). */
  allowsFunction(name: string): boolean;
  /** A function that is called where a table could be named. */
  allowsTableFunction(name: string): boolean;
  /** An aggregate function, with combinators, as a text may name it. */
  allowsAggregate(name: string): boolean;
  /** The name of a function or table function of this engine, or of an aggregate function with combinators. */
  exists(name: string): boolean;
  /** Takes functions as arguments: `arrayMap(toString, ...)`. */
  isHigherOrder(name: string): boolean;
}

/** The version whose functions were looked at, one by one. What came later is refused until somebody has looked at it. */
const REVIEWED = [26, 7] as const;

/** Categories of system.functions in which every function only computes from its arguments. */
const CATEGORIES: ReadonlySet<string> = new Set([
  "Aggregate Functions",
  "Arithmetic",
  "Arrays",
  "Bit",
  "Bitmap",
  "Comparison",
  "Conditional",
  "Dates and Times",
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
  "Time Window",
  "Tuple",
  "Type Conversion",
  "URL",
  "UUID",
]);

/** Of other categories. `lambda`, `exists` and `_CAST` are what the parser makes of `x -> y`, EXISTS and parameters. */
const OTHERS: readonly string[] =
  `_CAST lambda exists grouping bar byteSize blockSize countDigits currentDatabase currentUser
  caseWithExpression defaultValueOfArgumentType defaultValueOfTypeName digits finalizeAggregation formatQuery
  formatQuerySingleLine formatReadableDecimalSize formatReadableQuantity formatReadableSize formatReadableTimeDelta
  getSubcolumn identity ignore indexHint initializeAggregation isConstant isDecimalOverflow lowCardinalityIndices
  lowCardinalityKeys materialize minSampleSizeContinuous minSampleSizeConversion neighbor nested normalizeQuery
  normalizedQueryHash parseReadableSize parseReadableSizeOrNull parseReadableSizeOrZero parseTimeDelta rowNumberInAllBlocks
  rowNumberInBlock runningAccumulate runningDifference seriesDecomposeSTL seriesOutliersDetectTukey
  stochasticLinearRegression stochasticLogisticRegression throwIf timeSeriesFromGrid timeSeriesRange toColumnTypeName
  toTypeName transform variantElement variantType version visibleWidth`.split(/\s+/);

/** Aggregate and window functions of which the engine does not say when they came. */
const AGGREGATES: readonly string[] =
  `lead lag lagInFrame leadInFrame nth_value ntile row_number cume_dist percentRank
  denseRank rank nothing nothingNull nothingUInt64 histogram uniqUpTo nonNegativeDerivative any_respect_nulls
  anyLast_respect_nulls windowFunnel retention sequenceMatch sequenceMatchEvents sequenceNextNode sequenceCount
  groupNumericIndexedVector sumMapFiltered sumMapFilteredWithOverflow`.split(/\s+/);

/** Never, whatever their category: they ask the network, write by a format's name, fail on purpose, or show the process. */
const NEVER = new Set(
  `reversednsquery formatrow formatrownonewline groupformat flamegraph aggthrow chdb`.split(" "),
);

/** Table functions that only compute. `SQLStandardValues` is what the parser makes of `(VALUES (1))`. */
const TABLE_FUNCTIONS = new Set(
  `numbers numbers_mt zeros zeros_mt primes values sqlstandardvalues null view generate_series generateseries format`.split(
    " ",
  ),
);

const lower = (name: string): string => name.toLowerCase();

/** The rules for an engine with these lists. Names are compared without case: what is refused is refused in every spelling. */
export function functionRules(lists: FunctionLists): FunctionRules {
  const { functions, tableFunctions, combinators } = lists;
  const own = new Map(functions.filter(({ aliasTo }) => aliasTo === "").map((each) => [each.name, each]));
  const target = (each: EngineFunction) => (each.aliasTo === "" ? each : own.get(each.aliasTo));
  const spelled = new Map<string, EngineFunction[]>();
  for (const each of functions)
    spelled.set(lower(each.name), [...(spelled.get(lower(each.name)) ?? []), target(each) ?? each]);
  const others = new Set([...OTHERS, ...AGGREGATES].map(lower));
  const isSafe = (each: EngineFunction): boolean =>
    !NEVER.has(lower(each.name)) &&
    (others.has(lower(each.name)) || (CATEGORIES.has(each.category) && isReviewed(each.introducedIn)));
  const suffixes = combinators.map(lower);
  const base = (name: string): readonly EngineFunction[] =>
    spelled.get(name) ??
    suffixes.flatMap((suffix) =>
      name.endsWith(suffix) ? base(name.slice(0, -suffix.length)).filter((each) => each.isAggregate) : [],
    );
  const parserMakes = new Set(["lambda", "exists", "grouping", "untuple"]);
  const allowed = (found: readonly EngineFunction[]) => found.length > 0 && found.every(isSafe);
  const tables = new Set(tableFunctions.map(lower));
  return {
    allowsFunction: (name) => parserMakes.has(lower(name)) || allowed(base(lower(name))),
    allowsTableFunction: (name) => TABLE_FUNCTIONS.has(lower(name)) && tables.has(lower(name)),
    allowsAggregate: (name) => {
      const found = base(lower(name));
      return allowed(found) && found.every((each) => each.isAggregate);
    },
    exists: (name) => base(lower(name)).length > 0 || tables.has(lower(name)),
    isHigherOrder: (name) => (spelled.get(lower(name)) ?? []).some((each) => each.isHigherOrder),
  };
}

function isReviewed(version: string): boolean {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(version) ?? [];
  if (major === undefined) return false;
  return Number(major) < REVIEWED[0] || (Number(major) === REVIEWED[0] && Number(minor) <= REVIEWED[1]);
}
