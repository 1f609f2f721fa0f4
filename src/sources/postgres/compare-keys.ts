/** The keys of a table compared with those of bronze, once: which rows are gone, and which bronze has never seen or has as gone. */
import { randomUUID } from "node:crypto";
import { ident, idents, table } from "../../engine/sql.ts";
import { SPOOL_DATABASE, spoolTable } from "../../engine/temporary-names.ts";
import type { SourceContext } from "../source.ts";
import { askFor, type Copied, type CopyRequest, startCopy } from "./copy/copy.ts";
import { keyLimit, keysOf } from "./tables/deletes.ts";
import type { ColumnReader } from "./tables/types.ts";

/** What a comparison found. */
export interface ComparedKeys {
  /** A query for the keys that bronze has and the source has not; undefined: there are none. */
  readonly gone: string | undefined;
  /**
   * Keys that only the source has, beside those that are read anyway, each value as text. `tooMany`: more than are asked for one
   * by one.
   */
  readonly unseen: readonly (readonly string[])[] | "tooMany";
  /** Drops what the comparison wrote aside. */
  dispose(): Promise<void>;
}

/** What is compared. */
export interface KeyComparison {
  /** Asks for the rows; its columns are those of the key. */
  readonly asked: CopyRequest & { readonly columns: readonly ColumnReader[] };
  /** Table expression of bronze. */
  readonly bronze: string;
  /** Condition of PostgreSQL for the rows that are read anyway; undefined: all. */
  readonly readAnyway: string | undefined;
}

const isRead = "_is_read";

/** One aggregation over both sides, which the engine can spill to disk. What differs is kept in a table until `dispose`. */
export async function compareKeys(
  { asked, bronze, readAnyway }: KeyComparison,
  context: SourceContext,
): Promise<ComparedKeys> {
  const { engine, signal } = context;
  const key = asked.columns;
  const names = key.map(({ name }) => name);
  const casts = key.map(({ name, type }) => `CAST(${ident(name)} AS ${type}) AS ${ident(name)}`).join(", ");
  const flag: ColumnReader = {
    name: isRead,
    received: isRead,
    type: "UInt8",
    declared: "integer",
    select: readAnyway === undefined ? "1" : `CASE WHEN ${readAnyway} THEN 1 ELSE 0 END`,
  };
  const request = { ...asked, columns: [...key, flag] };
  const differing = table(spoolTable(engine, randomUUID().replaceAll("-", "")));
  const dispose = async () => {
    await engine.command(`DROP TABLE IF EXISTS ${differing} SYNC`);
  };
  const structure = key.map(({ name, type }) => `${ident(name)} ${type}`).join(", ");
  await engine.command(`CREATE DATABASE IF NOT EXISTS ${SPOOL_DATABASE}`);
  await engine.command(`CREATE TABLE ${differing} (${structure}, _gone Bool) ENGINE = Log`);
  try {
    const copied = await startCopy(await askFor(request, context), request, context);
    await whilePushing(copied, signal, (stop) =>
      engine.command(
        `INSERT INTO ${differing} SELECT ${idents(names)}, max(_side) = 1 FROM (
          SELECT ${casts}, 1 AS _side, 0 AS ${isRead} FROM (${keysOf(bronze, names, false)})
          UNION ALL
          SELECT ${casts}, 2 AS _side, ${isRead} FROM ${copied.from}
        ) GROUP BY ${idents(names)} HAVING min(_side) = max(_side) AND max(${isRead}) = 0`,
        { settings: copied.settings, signal: stop },
      ),
    );
    const found = await context.engine.rows<{ k: string[] }>(
      `SELECT [${names.map((name) => `ifNull(toString(${ident(name)}), '')`).join(", ")}] AS k FROM ${differing} WHERE NOT _gone LIMIT ${keyLimit + 1}`,
      { signal },
    );
    const gone = `SELECT ${idents(names)} FROM ${differing} WHERE _gone`;
    const anyGone = (await engine.rows(`${gone} LIMIT 1`, { signal })).length > 0;
    return {
      gone: anyGone ? gone : undefined,
      unseen: found.length > keyLimit ? "tooMany" : found.map(({ k }) => k),
      dispose,
    };
  } catch (error) {
    await dispose().catch(() => undefined);
    throw error;
  }
}

/** The statement and what feeds it, at once. When either breaks the other ends, and what the source says counts for more. */
async function whilePushing(
  copied: Copied,
  cancel: AbortSignal,
  statement: (signal: AbortSignal) => Promise<unknown>,
): Promise<void> {
  const stop = new AbortController();
  const signal = AbortSignal.any([cancel, stop.signal]);
  const stopping = (error: unknown): never => {
    stop.abort();
    throw error;
  };
  try {
    const [pushed, read] = await Promise.allSettled([
      Promise.resolve(copied.pump?.(signal)).catch(stopping),
      statement(signal).catch(stopping),
    ]);
    cancel.throwIfAborted();
    if (pushed.status === "rejected" && read.status === "fulfilled") throw pushed.reason;
    if (read.status === "rejected") throw pushed.status === "rejected" ? pushed.reason : read.reason;
  } finally {
    await copied.dispose();
  }
}
