/**
 * Views that hold inputs at fixed versions while a run reads them. `silver.orders` at version 41 becomes
 * `run_<owner>_<id>_silver.orders`: the table keeps its own name, so column references of a model stay valid when only the
 * database is exchanged. The databases hold no rows and go with the run, or with the next sweep when it was killed.
 *
 * A name means one content as long as the pins live, also on another engine. So every statement here may be sent
 * again when its answer was lost.
 */
import type { Engine } from "../../engine/engine.ts";
import { onOneEngine } from "../../engine/instance.ts";
import { ident, table } from "../../engine/sql.ts";
import { dropDatabases } from "../../engine/sweep-engine.ts";
import { pinPrefix } from "../../engine/temporary-names.ts";

/** The pinned inputs of one run, or of one plan. */
export interface Pins {
  /**
   * The name under which `dataset` can be read as `from`; the same question gets the same view, which is made anew when the
   * engine was lost. Throws `engine`, retryable, when no engine lives long enough to hold it.
   */
  pin(dataset: string, from: string): Promise<string>;
  /** Drops all of them. Never throws: what cannot be dropped now is left to a sweep. */
  drop(): Promise<void>;
}

/** `id`: what the views are for, [a-z0-9]+, unique within the engine's owner. */
export function openPins(engine: Engine, id: string): Pins {
  const prefix = pinPrefix(engine, id);
  /** By dataset, what was pinned of it, in the order of asking: the position is part of the name. */
  const contents = new Map<string, string[]>();
  const databases = new Set<string>();
  /** Views that are in the memory of one engine, by name; forgotten as a whole with it. */
  let standing = { instance: "", views: new Map<string, Promise<void>>() };

  const nameOf = (dataset: string, from: string): { readonly database: string; readonly view: string } => {
    const [layer, name] = split(dataset);
    const known = contents.get(dataset) ?? [];
    contents.set(dataset, known);
    const position = known.includes(from) ? known.indexOf(from) : known.push(from) - 1;
    const database = `${prefix}${layer}${position === 0 ? "" : `_${position}`}`;
    databases.add(database);
    return { database, view: `${database}.${name}` };
  };

  const make = async (dataset: string, from: string): Promise<void> => {
    const { database, view } = nameOf(dataset, from);
    await onOneEngine(engine, async () => {
      await engine.command(`CREATE DATABASE IF NOT EXISTS ${ident(database)} ENGINE = Memory`);
      await engine.command(`CREATE VIEW IF NOT EXISTS ${table(view)} AS SELECT * FROM ${from}`);
    });
  };

  return {
    async pin(dataset, from) {
      const { view } = nameOf(dataset, from);
      const instance = await engine.instance();
      if (instance !== standing.instance) standing = { instance, views: new Map() };
      const { views } = standing;
      const made = views.get(view) ?? make(dataset, from);
      views.set(view, made);
      try {
        await made;
      } catch (error) {
        views.delete(view);
        throw error;
      }
      return view;
    },
    async drop() {
      standing = { instance: "", views: new Map() };
      await dropDatabases(engine, [...databases]);
    },
  };
}

function split(dataset: string): readonly [layer: string, name: string] {
  const dot = dataset.indexOf(".");
  return [dataset.slice(0, dot), dataset.slice(dot + 1)];
}
