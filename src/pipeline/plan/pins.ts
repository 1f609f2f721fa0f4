/**
 * Views that hold inputs at fixed versions while a run reads them. `silver.orders` at version 41 becomes
 * `run_<pid>_<id>_silver.orders`: the table keeps its own name, so column references of a model stay valid when only the
 * database is exchanged. The databases hold no rows and go with the run, or with the next one when it was killed.
 */
import type { Engine } from "../../engine/engine.ts";
import { ident, table } from "../../engine/sql.ts";

export interface Pins {
  /** The name under which `dataset` can be read as `from`; the same question gets the same view. */
  pin(dataset: string, from: string): Promise<string>;
  drop(): Promise<void>;
}

/** `owner` names the process and what it pins for; [a-z0-9] and one underscore between process id and the rest. */
export function openPins(engine: Engine, owner: { readonly pid: number; readonly id: string }): Pins {
  const views = new Map<string, Promise<string>>();
  const databases = new Map<string, Promise<unknown>>();
  const taken = new Map<string, number>();
  let holder = engine.url;

  /** The views stand in the memory of an engine: another one that took its place does not have them. */
  const forgetOtherEngine = (): void => {
    if (engine.url === holder) return;
    holder = engine.url;
    views.clear();
    databases.clear();
  };

  const create = async (dataset: string, from: string): Promise<string> => {
    const [layer = "", name = ""] = split(dataset);
    const generation = taken.get(dataset) ?? 0;
    taken.set(dataset, generation + 1);
    const database = `run_${owner.pid}_${owner.id}_${layer}${generation === 0 ? "" : `_${generation}`}`;
    if (!databases.has(database))
      databases.set(database, engine.command(`CREATE DATABASE ${ident(database)} ENGINE = Memory`));
    await databases.get(database);
    const view = `${database}.${name}`;
    await engine.command(`CREATE VIEW ${table(view)} AS SELECT * FROM ${from}`);
    return view;
  };

  return {
    pin(dataset, from) {
      forgetOtherEngine();
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

/** Drops the views of processes of this machine that are not alive any more. */
export async function dropDeadPins(engine: Engine, isAlive: (pid: number) => boolean): Promise<void> {
  const rows = await engine.rows<{ name: string }>(
    "SELECT name FROM system.databases WHERE match(name, '^run_[0-9]+_')",
  );
  for (const { name } of rows) {
    if (!isAlive(Number(name.split("_")[1]))) await engine.command(`DROP DATABASE IF EXISTS ${ident(name)}`);
  }
}

function split(dataset: string): readonly string[] {
  const dot = dataset.indexOf(".");
  return [dataset.slice(0, dot), dataset.slice(dot + 1)];
}
