/**
 * Views that hold inputs at fixed versions while a run reads them. `silver.orders` at version 41 becomes
 * `run_<id>_silver.orders`: the table keeps its own name, so column references of a model stay valid when only the
 * database is exchanged. The databases live in the engine's memory and go with the run.
 */
import type { Engine } from "../engine/engine.ts";
import { ident, table } from "../engine/sql.ts";

export interface Pins {
  /** The name under which `dataset` can be read as `from`; the same question gets the same view. */
  pin(dataset: string, from: string): Promise<string>;
  drop(): Promise<void>;
}

export function openPins(engine: Engine, runId: string): Pins {
  const views = new Map<string, Promise<string>>();
  const databases = new Map<string, Promise<unknown>>();
  const taken = new Map<string, number>();

  const create = async (dataset: string, from: string): Promise<string> => {
    const [layer = "", name = ""] = split(dataset);
    const generation = taken.get(dataset) ?? 0;
    taken.set(dataset, generation + 1);
    const database = `run_${runId}_${layer}${generation === 0 ? "" : `_${generation}`}`;
    if (!databases.has(database))
      databases.set(database, engine.command(`CREATE DATABASE ${ident(database)} ENGINE = Memory`));
    await databases.get(database);
    const view = `${database}.${name}`;
    await engine.command(`CREATE VIEW ${table(view)} AS SELECT * FROM ${from}`);
    return view;
  };

  return {
    pin(dataset, from) {
      const key = `${dataset}\n${from}`;
      const known = views.get(key) ?? create(dataset, from);
      views.set(key, known);
      return known;
    },
    async drop() {
      for (const database of databases.keys())
        await engine.command(`DROP DATABASE IF EXISTS ${ident(database)}`);
      databases.clear();
      views.clear();
    },
  };
}

/** Drops the views of runs that are not alive any more. */
export async function dropDeadPins(engine: Engine, aliveRuns: ReadonlySet<string>): Promise<void> {
  const rows = await engine.rows<{ name: string }>(
    "SELECT name FROM system.databases WHERE startsWith(name, 'run_')",
  );
  for (const { name } of rows) {
    const run = name.split("_")[1] ?? "";
    if (!aliveRuns.has(run)) await engine.command(`DROP DATABASE IF EXISTS ${ident(name)}`);
  }
}

function split(dataset: string): readonly string[] {
  const dot = dataset.indexOf(".");
  return [dataset.slice(0, dot), dataset.slice(dot + 1)];
}
