/** Empty typed tables in the engine that take the place of datasets while SQL is only analysed. */
import { randomUUID } from "node:crypto";
import type { Column, Engine } from "../engine/engine.ts";
import { onOneEngine } from "../engine/instance.ts";
import { rewriteTables } from "../engine/rewrite.ts";
import { ident, table } from "../engine/sql.ts";
import { dropDatabases } from "../engine/sweep-engine.ts";
import { scratchPrefix } from "../engine/temporary-names.ts";

/** Databases of empty tables for one piece of analysis. */
export interface Scratch {
  /** Makes an empty table for a dataset. Throws when a type cannot be stored. */
  create(dataset: string, columns: readonly Column[]): Promise<void>;
  /** True when `create` made a table for it. */
  has(dataset: string): boolean;
  /** Two-part name of a dataset's table, not quoted. */
  tableName(dataset: string): string;
  /** The statement with the datasets that have a table replaced by it; line breaks stay where they are. */
  rewrite(sql: string): string;
  /** Text of the engine with the names of scratch tables turned back into those of datasets. */
  plain(text: string): string;
  /** "silver.orders" for the table name of a query tree; undefined for other tables. */
  dataset(tableName: string): string | undefined;
}

/**
 * Runs `use` with databases of its own, which are dropped afterwards, now or by a sweep. Several processes may do so at once.
 * They are in the memory of the engine and go with it: `use` begins again when another engine took its place.
 */
export function withScratch<T>(engine: Engine, use: (scratch: Scratch) => Promise<T>): Promise<T> {
  return onOneEngine(engine, () => useScratch(engine, use));
}

async function useScratch<T>(engine: Engine, use: (scratch: Scratch) => Promise<T>): Promise<T> {
  const prefix = scratchPrefix(engine, randomUUID().replaceAll("-", "").slice(0, 12));
  const layers = new Set<string>();
  const map: Record<string, string> = {};
  const scratch: Scratch = {
    async create(dataset, columns) {
      const layer = dataset.slice(0, dataset.indexOf("."));
      if (!layers.has(layer)) {
        layers.add(layer);
        await engine.command(`CREATE DATABASE ${ident(prefix + layer)} ENGINE = Memory`);
      }
      const target = prefix + dataset;
      const list = columns.map(({ name, type }) => `${ident(name)} ${type}`).join(", ");
      await engine.command(`CREATE TABLE ${table(target)} (${list}) ENGINE = Memory`, {
        settings: { allow_suspicious_low_cardinality_types: 1, allow_suspicious_types_in_order_by: 1 },
      });
      map[dataset] = target;
    },
    has: (dataset) => dataset in map,
    tableName: (dataset) => map[dataset] ?? dataset,
    rewrite: (sql) => rewriteTables(sql, map),
    plain: (text) => text.replaceAll(prefix, ""),
    dataset: (tableName) => (tableName.startsWith(prefix) ? tableName.slice(prefix.length) : undefined),
  };
  try {
    return await use(scratch);
  } finally {
    await dropDatabases(
      engine,
      [...layers].map((layer) => prefix + layer),
    );
  }
}
