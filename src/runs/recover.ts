/**
 * Brings the ops tables and the views up to date with what is published. A process may die between publishing and
 * recording; the versions themselves know everything that has to be recorded.
 */
import type { Host } from "../pipeline/index.ts";
import { syncViews } from "../pipeline/index.ts";
import { type IsAlive, livingOwners } from "./liveness.ts";
import { recoverPublications } from "./recover-publications.ts";
import { sweep } from "./sweep.ts";

/** May be done twice, and by several processes at once. `isAlive` says which runs go on. */
export async function recover(host: Host, isAlive: IsAlive = livingOwners(host)): Promise<void> {
  const datasets = await host.lake.datasets();
  await recoverPublications(host, datasets);
  await syncViews(host, datasets);
  await sweep(host, isAlive);
}
