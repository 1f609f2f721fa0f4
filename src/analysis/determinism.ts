/** What a model may not call: things whose value depends on more than the rows it reads. */
import type { Engine } from "../engine/engine.ts";

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

/** By version of the engine: its list never changes. */
const known = new Map<string, ReadonlySet<string>>();

/** Lower-case names of the functions a model must not call, by the engine's own list. */
export async function nondeterministicFunctions(engine: Engine): Promise<ReadonlySet<string>> {
  const found = known.get(engine.version) ?? (await readFunctions(engine));
  known.set(engine.version, found);
  return found;
}

async function readFunctions(engine: Engine): Promise<ReadonlySet<string>> {
  const rows = await engine.rows<{ name: string }>(
    "SELECT DISTINCT lower(name) AS name FROM system.functions WHERE deterministic = 0",
  );
  return new Set([...unmarked, ...rows.map(({ name }) => name).filter((name) => !harmless.has(name))]);
}

export function isPureTableFunction(name: string): boolean {
  return pureTableFunctions.has(name.toLowerCase());
}

/** What to write instead. */
export function insteadOf(name: string): string {
  const lower = name.toLowerCase();
  if (/^(today|curdate|current_date|yesterday)$/.test(lower))
    return "use a parameter, {today:Date}: the run gives it, so a repeated run sees the same day";
  if (/now|time|local/.test(lower))
    return "use a parameter, {interval_start:DateTime} or {interval_end:DateTime}: the run gives it";
  if (/^rand|uuid|snowflake|serial/i.test(lower)) return "derive it from the rows, e.g. cityHash64(order_id)";
  if (/^dict|^joinget/.test(lower)) return "join the dataset that holds the values";
  return "a model must give the same rows for the same input";
}
