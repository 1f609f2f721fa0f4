/** Holds rows against the rules and remembers what was found. */
import { type FaultyTable, faultKinds } from "../fault-kinds.ts";
import { allRules, crossWarnings, type Rules } from "./rules.ts";

/** The ids of rows by "table.rule", in the order of the rows; every rule is there. */
export type Findings = Readonly<Record<string, readonly number[]>>;

/** What the rules said of all rows. */
export interface Verdicts {
  /** Rows that go to quarantine, each under the first rule that it breaks. */
  readonly rejects: Findings;
  /** Good rows that a rule only reports. */
  readonly warnings: Findings;
  /** How many rows of each source table are good. */
  readonly good: Readonly<Record<FaultyTable, number>>;
}

interface Identified {
  readonly id: number;
}

/** Looks at one row after the other. */
export interface Judge {
  /** Notes which rule a row breaks; false for a row that is to be rejected. */
  isGood<Row extends Identified>(table: FaultyTable, rules: Rules<Row>, row: Row): boolean;
  /** Notes a warning about a good row. */
  warn(table: FaultyTable, rule: string, row: Identified): void;
  /** So far; grows with every row. */
  readonly verdicts: Verdicts;
}

/** `end` is the moment (milliseconds since 1970) at which the shop's last day ends. */
export function createJudge(end: number): Judge {
  const tables = Object.keys(faultKinds) as FaultyTable[];
  const rejects = emptyFindings(tables, (table) => allRules[table].reject.map(([name]) => name));
  const warnings = emptyFindings(tables, (table) => [
    ...allRules[table].warn.map(([name]) => name),
    ...crossWarnings[table],
  ]);
  const good = Object.fromEntries(tables.map((table) => [table, 0])) as Record<FaultyTable, number>;
  const warn: Judge["warn"] = (table, rule, { id }) => void warnings[`${table}.${rule}`]?.push(id);
  const isGood: Judge["isGood"] = (table, rules, row) => {
    const reason = rules.reject.find((rule) => rule[1](row, end));
    if (reason !== undefined) rejects[`${table}.${reason[0]}`]?.push(row.id);
    if (reason !== undefined) return false;
    good[table] += 1;
    for (const rule of rules.warn) if (rule[1](row, end)) warn(table, rule[0], row);
    return true;
  };
  return { isGood, warn, verdicts: { rejects, warnings, good } };
}

function emptyFindings(
  tables: readonly FaultyTable[],
  rulesOf: (table: FaultyTable) => readonly string[],
): Record<string, number[]> {
  return Object.fromEntries(
    tables.flatMap((table) => rulesOf(table).map((rule) => [`${table}.${rule}`, []])),
  );
}
