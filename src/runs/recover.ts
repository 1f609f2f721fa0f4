/**
 * Brings the ops tables and the views up to date with what is published. A process may die between publishing and
 * recording; the versions themselves know everything that has to be recorded.
 */
import type { Host } from "../pipeline/index.ts";
import { syncViews } from "../pipeline/index.ts";
import { ShoplakeError } from "../util/errors.ts";
import { type IsAlive, livingOwners } from "./liveness.ts";
import { recoverPublications } from "./recover-publications.ts";
import { sweep } from "./sweep.ts";

/**
 * May be done twice, and by several processes at once. `isAlive` says which runs go on. A dataset whose log is damaged is passed
 * over: its own task tells why. Until it is mended nobody knows what dead runs have published of it, so nothing is swept.
 */
export async function recover(host: Host, isAlive: IsAlive = livingOwners(host)): Promise<void> {
  const all = await host.lake.datasets();
  const sound = await Promise.all(all.map((dataset) => canBeRead(host, dataset)));
  const readable = all.filter((_, i) => sound[i]);
  await recoverPublications(host, readable);
  await syncViews(host, readable);
  if (readable.length === all.length) await sweep(host, isAlive);
}

async function canBeRead({ lake }: Host, dataset: string): Promise<boolean> {
  try {
    await lake.table(dataset).snapshot();
    return true;
  } catch (error) {
    if (error instanceof ShoplakeError && error.code === "lake") return false;
    throw error;
  }
}
