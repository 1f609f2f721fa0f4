/** Buries what processes left in the engine: of owners that are gone, and of this one where a drop had failed. */
import type { Engine } from "./engine.ts";
import { dropTemporary, listTemporary, type Temporary } from "./temporary-names.ts";

/** By client, databases that it has done with and could not drop. A client that is closed takes its list with it. */
const leftBehind = new WeakMap<Engine, Set<string>>();

/**
 * Drops temporary databases that are in use no more. Never throws: what cannot be dropped now is dropped by a later sweep
 * of this client, or of another process when this one has ended.
 */
export async function dropDatabases(engine: Engine, names: readonly string[]): Promise<void> {
  const left = leftBehind.get(engine) ?? new Set();
  leftBehind.set(engine, left);
  for (const name of names) {
    left.add(name);
    await dropTemporary(engine, { kind: "database", name }).then(
      () => left.delete(name),
      () => undefined,
    );
  }
}

/** What a sweep did. */
export interface Swept {
  /** Names of the databases and tables that were dropped. */
  readonly dropped: readonly string[];
  /** How many could not be dropped: the next sweep tries again. */
  readonly failed: number;
}

/**
 * Drops pins, scratch databases and spool tables whose owner is not alive, on an embedded engine and a server alike, and
 * those of this client whose drop had failed. One that cannot be dropped does not stop the others.
 * Throws only when the engine cannot be asked what there is.
 */
export async function sweepEngine(
  engine: Engine,
  isAlive: (ownerId: string) => boolean | Promise<boolean>,
): Promise<Swept> {
  const left = leftBehind.get(engine) ?? new Set();
  const alive = new Map<string, boolean>();
  const isUsed = async ({ name, owner }: Temporary): Promise<boolean> => {
    if (left.has(name)) return false;
    if (owner === engine.owner) return true;
    const known = alive.get(owner) ?? (await isAlive(owner));
    alive.set(owner, known);
    return known;
  };
  const dropped: string[] = [];
  let failed = 0;
  for (const found of await listTemporary(engine)) {
    if (await isUsed(found)) continue;
    try {
      await dropTemporary(engine, found);
      dropped.push(found.name);
      left.delete(found.name);
    } catch {
      failed++;
    }
  }
  return { dropped, failed };
}
