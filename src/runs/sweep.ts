/** Removes what processes left behind that are gone: their runs, temporary databases, spools and owner objects. */
import { sweepEngine } from "../engine/sweep-engine.ts";
import type { Host } from "../pipeline/index.ts";
import { sweepOwners } from "../state/lease-list.ts";
import { sweepSpool } from "../util/spool.ts";
import { buryDeadRuns } from "./dead-runs.ts";
import { type IsAlive, livingOwners } from "./liveness.ts";

/**
 * Only after the publications of all datasets are recorded. May be done twice, and by several processes at once. Owner
 * objects go last: the other parts ask them who lives.
 */
export async function sweep(host: Host, isAlive: IsAlive = livingOwners(host)): Promise<void> {
  await buryDeadRuns(host, isAlive);
  await sweepEngine(host.engine, isAlive);
  await sweepSpool(host.stateDir, isAlive);
  await sweepOwners(host.owner, host.clock());
}
