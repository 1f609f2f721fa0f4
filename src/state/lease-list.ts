/** All leases of a project for a person or a sweeper, and the removal of what dead owners left of themselves. */
import type { LakeStore } from "../lake/store/store.ts";
import { type LeaseMode, leaseFolder, leaseRoot, numbersOf } from "./lease-objects.ts";
import { lookAt } from "./lease-queue.ts";
import { ownerIds, ownerKey } from "./owner-record.ts";
import type { Life, Owner, OwnerRecord } from "./owners.ts";

/** One number of a lease that nobody has released. */
export interface HeldLease {
  /** "silver.orders", or "<sink>:<dataset>" */
  readonly name: string;
  /** Epoch of the holder. */
  readonly token: number;
  /** Key of the lease object in the store. */
  readonly key: string;
  /** undefined when the object is empty or damaged. */
  readonly holder:
    | { readonly owner: OwnerRecord; readonly purpose: string; readonly mode: LeaseMode }
    | undefined;
  /** `dead`: the next who wants the lease takes it over at once. */
  readonly life: Life;
}

/** Leases that are held or waited for now, by name and number; costs one listing, and up to three reads for each. */
export async function listLeases(owner: Owner): Promise<readonly HeldLease[]> {
  const folders = new Map<string, string[]>();
  for await (const key of owner.store.keys(leaseRoot)) {
    const folder = key.slice(0, key.lastIndexOf("/") + 1);
    folders.set(folder, [...(folders.get(folder) ?? []), key]);
  }
  const held: HeldLease[] = [];
  for (const [folder, keys] of folders) {
    const name = nameOfFolder(folder);
    if (name === undefined) continue;
    const { all, released } = numbersOf(keys);
    const looker = lookAt(owner, name);
    for (const token of all) {
      if (released.has(token)) continue;
      const found = await looker.look(token);
      if (found !== undefined)
        held.push({ name, token, key: found.key, holder: found.ticket, life: found.life });
    }
  }
  return held;
}

/**
 * Removes the objects of dead owners that no open lease names. `now`: temporary files that a killed process left a day ago go
 * too. Gives the ids. An owner on another machine is found dead by the second call at the earliest, one ttl after the first.
 */
export async function sweepOwners(owner: Owner, now: Date): Promise<readonly string[]> {
  const ids = (await ownerIds(owner.store)).filter((id) => id !== owner.id);
  const dead: string[] = [];
  for (const id of ids) if ((await owner.lifeOf(id)) === "dead") dead.push(id);
  const named = dead.length === 0 ? [] : await listLeases(owner);
  const needed = new Set(named.map(({ holder }) => holder?.owner.id));
  const swept = dead.filter((id) => !needed.has(id));
  for (const id of swept) await owner.store.remove(ownerKey(id));
  await removeTemporary(owner.store, now);
  return swept;
}

const day = 86_400_000;

async function removeTemporary(store: LakeStore, now: Date): Promise<void> {
  for (const root of ["_owners/", leaseRoot])
    for await (const { key, modified } of store.list(root))
      if (/\/\.[0-9a-f-]{36}\.tmp$/.test(key) && modified < now.getTime() - day) await store.remove(key);
}

function nameOfFolder(folder: string): string | undefined {
  try {
    const name = decodeURIComponent(folder.slice(leaseRoot.length, -1));
    return leaseFolder(name) === folder ? name : undefined;
  } catch {
    return undefined;
  }
}
