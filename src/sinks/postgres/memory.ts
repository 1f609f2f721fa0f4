/**
 * Which rows the versions of one table held, as keys and hashes in the engine: what a new version changes is found there, and
 * PostgreSQL sees nothing else. The ledger says which version is in the table, so a memory that was lost, cut short by a
 * crash or belongs to another version is found out, and costs no more than comparing all rows once.
 */
import { createHash } from "node:crypto";
import type { Engine } from "../../engine/engine.ts";
import { ident, idents, table, text } from "../../engine/sql.ts";
import type { SinkInput } from "../sink.ts";
import { noTotals, type Totals, totalsOf } from "./totals.ts";
import type { TargetColumn } from "./types.ts";

/** Database of the engine: tables `<target>_<content id>` with the key columns and `_hash`, one for each target. */
const database = "shoplake_delivered";

/** Of one target table. */
export interface Memory {
  /** Keeps the tables. */
  readonly engine: Engine;
  /** Ends its statements. */
  readonly signal: AbortSignal;
  /** What the names of its tables begin with. */
  readonly prefix: string;
  /** Columns that identify a row. */
  readonly key: readonly string[];
  /** Names and types of the key's columns. */
  readonly structure: string;
}

/** What a new version changes. */
export interface Difference {
  /** Query for the keys of rows that are new, changed or gone. */
  readonly touched: string;
  /** Condition for the rows of the new version that are new or changed. */
  readonly come: string;
  /** How many those are. */
  readonly rows: number;
}

/** Types whose values are equal in PostgreSQL when they are equal in the engine: not NaN, no document, no array. */
const plainKey = /^(bool|smallint|int|bigint|numeric|date|timestamp|text|uuid)[^[\]]*$/;

/** `target` names the table among all tables of all servers. undefined: its key cannot be compared in the engine. */
export function memoryOf(
  target: string,
  { input, columns }: { readonly input: SinkInput; readonly columns: readonly TargetColumn[] },
  { engine, signal }: { readonly engine: Engine; readonly signal: AbortSignal },
): Memory | undefined {
  const key = columns.filter(({ name }) => input.key.includes(name));
  const plain = key.every(({ name, type, notNull }) => notNull && plainKey.test(type) && name !== "_hash");
  if (key.length === 0 || !plain) return undefined;
  const types = new Map(input.columns.map(({ name, type }) => [name, type]));
  return {
    engine,
    signal,
    prefix: `${createHash("sha256").update(target).digest("hex").slice(0, 16)}_`,
    key: input.key,
    structure: input.key.map((name) => `${ident(name)} ${types.get(name)}`).join(", "),
  };
}

/** Keeps key and hash of every row of a version under its id, which follows from what they add up to. */
export async function remember(
  memory: Memory,
  { input, hash, idOf }: { readonly input: SinkInput; readonly hash: string; idOf(totals: Totals): string },
): Promise<Totals> {
  const { engine, signal, key, structure } = memory;
  const coming = nameOf(memory, "coming");
  await engine.command(`CREATE DATABASE IF NOT EXISTS ${database}`);
  await engine.command(`DROP TABLE IF EXISTS ${coming} SYNC`);
  await engine.command(
    `CREATE TABLE ${coming} (${structure}, _hash UInt64) ENGINE = MergeTree ORDER BY (${idents(key)}, _hash) COMMENT ${text(`rows of ${input.dataset} as a sink got them`)}`,
  );
  await engine.command(`INSERT INTO ${coming} SELECT ${idents(key)}, ${hash} FROM ${input.from}`, { signal });
  const totals = (await totalsIn(memory, coming)) ?? noTotals;
  const own = nameOf(memory, idOf(totals));
  await engine.command(`DROP TABLE IF EXISTS ${own} SYNC`);
  await engine.command(`RENAME TABLE ${coming} TO ${own}`);
  return totals;
}

/** Drops what is kept of other versions, and what a crash left. */
export async function forget(memory: Memory, kept: string): Promise<void> {
  const { engine, prefix } = memory;
  const rows = await engine.rows<{ name: string }>(
    `SELECT name FROM system.tables WHERE database = '${database}' AND startsWith(name, {prefix:String})`,
    { params: { prefix } },
  );
  for (const { name } of rows)
    if (name !== prefix + kept)
      await engine.command(`DROP TABLE IF EXISTS ${table(`${database}.${name}`)} SYNC`);
}

/** Up to this many keys are compared one by one; with more, or a quarter of all rows, comparing all costs less. */
const limit = 1_000_000;

/**
 * What changed between two versions; both are read in the order of the key, so that memory does not grow with them. undefined
 * when one of them is not remembered whole, with the same columns and key, or too much has changed.
 */
export async function difference(
  memory: Memory,
  { from, to, rows }: { readonly from: string; readonly to: string; readonly rows: number },
  idOf: (totals: Totals) => string,
): Promise<Difference | undefined> {
  const { engine, signal } = memory;
  for (const id of new Set([from, to])) {
    const totals = await totalsIn(memory, nameOf(memory, id));
    if (totals === undefined || idOf(totals) !== id) return undefined;
  }
  const most = Math.min(limit, Math.max(1000, Math.floor(rows / 4)));
  const name = nameOf(memory, "changes");
  await engine.command(`DROP TABLE IF EXISTS ${name} SYNC`);
  await engine.command(`CREATE TABLE ${name} (${memory.structure}, _new UInt8) ENGINE = Memory`);
  await engine.command(`INSERT INTO ${name} ${changes(memory, from, to)} LIMIT ${most + 1}`, {
    settings: { join_algorithm: "full_sorting_merge", join_use_nulls: 0 },
    signal,
  });
  const [found] = await engine.rows<{ all: string; come: string }>(
    `SELECT count() AS all, countIf(_new) AS come FROM ${name}`,
  );
  if (found === undefined || Number(found.all) > most) return undefined;
  const key = idents(memory.key);
  return {
    touched: `(SELECT DISTINCT ${key} FROM ${name})`,
    come: `(${key}) IN (SELECT ${key} FROM ${name} WHERE _new)`,
    rows: Number(found.come),
  };
}

/** Key and hash of rows that only one of the versions has. */
function changes(memory: Memory, from: string, to: string): string {
  const key = idents(memory.key);
  const side = (id: string, mark: string) =>
    `(SELECT ${key}, _hash, 1 AS ${mark} FROM ${nameOf(memory, id)})`;
  return `SELECT ${key}, _new FROM ${side(to, "_new")} AS n FULL JOIN ${side(from, "_old")} AS o USING (${key}, _hash) WHERE _new = 0 OR _old = 0`;
}

/** undefined when there is no such table. */
async function totalsIn({ engine, signal }: Memory, name: string): Promise<Totals | undefined> {
  const [there] = await engine.rows<{ result: number }>(`EXISTS TABLE ${name}`);
  if (Number(there?.result) !== 1) return undefined;
  const [totals] = await engine.rows<Totals>(`SELECT ${totalsOf("_hash")} FROM ${name}`, { signal });
  return totals;
}

function nameOf({ prefix }: Memory, id: string): string {
  return table(`${database}.${prefix}${id}`);
}
