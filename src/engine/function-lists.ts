/** What functions an engine has, by its own lists. They do not change while it runs, so they are read once. */
import type { Engine } from "./engine.ts";

/** A row of system.functions. */
export interface EngineFunction {
  /** As the engine spells it. */
  readonly name: string;
  /** The function that this is another name of; "" for a function of its own. */
  readonly aliasTo: string;
  /** The engine's word for its kind, e.g. "Arrays"; "" for other names. */
  readonly category: string;
  /** Version that it came with, e.g. "26.7.0"; "" for other names and what is not documented. */
  readonly introducedIn: string;
  /** An aggregate or window function. */
  readonly isAggregate: boolean;
  /** Takes functions as arguments, by lambda or by name: arrayMap. */
  readonly isHigherOrder: boolean;
  /** False when its value depends on more than its arguments; undefined when the engine does not know. */
  readonly isDeterministic: boolean | undefined;
}

/** All functions of one engine. */
export interface FunctionLists {
  /** Without those that users have made. */
  readonly functions: readonly EngineFunction[];
  /** Names of table functions. */
  readonly tableFunctions: readonly string[];
  /** Endings of aggregate functions: "If" makes sumIf. */
  readonly combinators: readonly string[];
}

/** What a statement with `LISTS` among its columns answers. */
export interface ListsRow {
  /** Each function as texts: name, alias_to, categories, introduced_in, is_aggregate, higher_order, deterministic. */
  readonly functions: readonly string[][];
  /** Names of table functions. */
  readonly table_functions: readonly string[];
  /** Endings of aggregate functions. */
  readonly combinators: readonly string[];
}

/** The columns of one row that holds all lists, to be read with or without other columns. */
export const LISTS = `(SELECT groupArray([name, alias_to, categories, introduced_in, toString(is_aggregate),
    toString(ifNull(higher_order, 0)), ifNull(toString(deterministic), '')])
  FROM system.functions WHERE origin = 'System') AS functions,
(SELECT groupArray(name) FROM system.table_functions) AS table_functions,
(SELECT groupArray(name) FROM system.aggregate_function_combinators) AS combinators`;

const known = new WeakMap<Engine, FunctionLists>();

/** The lists when they were read before, so that nobody needs to ask again. */
export function knownLists(engine: Engine): FunctionLists | undefined {
  return known.get(engine);
}

/** Keeps the lists that came with another statement's answer. */
export function keepLists(engine: Engine, row: ListsRow): FunctionLists {
  const lists = {
    functions: row.functions.map(functionOf),
    tableFunctions: row.table_functions,
    combinators: row.combinators,
  };
  known.set(engine, lists);
  return lists;
}

/** The lists, by one statement the first time. */
export async function functionLists(engine: Engine): Promise<FunctionLists> {
  const found = known.get(engine);
  if (found) return found;
  const [row] = await engine.rows<ListsRow>(`SELECT ${LISTS}`);
  return keepLists(engine, row ?? { functions: [], table_functions: [], combinators: [] });
}

function functionOf(row: readonly string[]): EngineFunction {
  const [name = "", aliasTo = "", category = "", introducedIn = "", aggregate, higherOrder, deterministic] =
    row;
  return {
    name,
    aliasTo,
    category,
    introducedIn,
    isAggregate: aggregate === "1",
    isHigherOrder: higherOrder === "1",
    isDeterministic: deterministic === "" ? undefined : deterministic === "1",
  };
}
