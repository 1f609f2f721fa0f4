/** Rejected rows: how many, which, one of them; discarded, or read once more after a fix. */
import { layerOf } from "../api/datasets.ts";
import type { OpenedHost } from "../host/host.ts";
import type { Host, PlanOptions } from "../pipeline/index.ts";
import {
  openQuarantine,
  type QuarantineCount,
  type QuarantineFilter,
  type QuarantineRow,
} from "../quality/quarantine.ts";
import { count } from "../util/amounts.ts";
import { ShoplakeError } from "../util/errors.ts";
import { datasetNamed } from "./datasets.ts";

/** Which rejects somebody asks for. */
export interface RejectsWanted {
  /** As for `datasetNamed`; undefined: of all datasets. */
  readonly dataset?: string | undefined;
  /** Name of the rule that rejected them; undefined: of all rules. */
  readonly rule?: string | undefined;
  /** Undefined: in every status. */
  readonly status?: QuarantineFilter["status"] | undefined;
}

/** Numbers by dataset, rule and status. Throws `usage` for a dataset that there is not. */
export async function countRejects(
  host: OpenedHost,
  wanted: RejectsWanted,
): Promise<readonly QuarantineCount[]> {
  return quarantineOf(host).counts(await filterOf(host, wanted));
}

/** The rows, at most `limit`. Throws `usage` for a dataset that there is not. */
export async function listRejects(
  host: OpenedHost,
  wanted: RejectsWanted,
  limit: number,
): Promise<readonly QuarantineRow[]> {
  return quarantineOf(host).list({ ...(await filterOf(host, wanted)), limit });
}

/** The row of that id, or of the only one that begins so. Throws `usage` when there is none, or more. */
export async function oneReject(host: Host, id: string): Promise<QuarantineRow> {
  const found = await quarantineOf(host).show(id);
  const [first, ...others] = found;
  if (first !== undefined && others.length === 0) return first;
  throw new ShoplakeError(
    "usage",
    first === undefined
      ? `no rejected row has the id ${id}`
      : `${count(found.length)} rejected rows have an id that begins with ${id}`,
    {
      hint: first === undefined ? "shoplake quarantine list <dataset> shows the ids" : "give more of the id",
    },
  );
}

/**
 * Marks rows as not worth fixing: one by its id, or those of a dataset. `by`: who does it; "" when that is not known. Returns how
 * many it marked. Throws `usage` for what there is not.
 */
export async function discardRejects(
  host: OpenedHost,
  what: { readonly given: string; readonly rule?: string | undefined },
  by: string,
): Promise<number> {
  const isId = /^[0-9a-f]{4,32}$/.test(what.given);
  const chosen = isId
    ? [(await oneReject(host, what.given)).id]
    : await filterOf(host, { dataset: what.given, rule: what.rule });
  return quarantineOf(host).discard(chosen, by);
}

/** What a replay of a dataset needs, and how it ends. */
export interface Replay {
  /** Of the run that replays: what is built anew or read once more. */
  readonly options: PlanOptions;
  /**
   * After that run: closes the rejects that it published. `version` is what it published; undefined: it failed, nothing is closed.
   * Tells how many rows left the quarantine, and how many are still in it.
   */
  readonly finish: (version: number | undefined) => Promise<{ readonly left: number; readonly open: number }>;
}

/** Prepares the replay of a dataset by its full name. */
export async function beginReplay(host: Host, dataset: string): Promise<Replay> {
  const quarantine = quarantineOf(host);
  const countOpen = async () =>
    (await quarantine.counts({ dataset, status: "open" })).reduce((sum, row) => sum + row.rejects, 0);
  const before = await countOpen();
  const anew =
    layerOf(dataset) === "bronze" ? { again: await quarantine.openPlaces(dataset) } : { fullRefresh: true };
  return {
    options: { select: [dataset], ...anew },
    async finish(version) {
      if (version !== undefined) await quarantine.closeReplayed(dataset, version);
      const open = await countOpen();
      return { left: Math.max(0, before - open), open };
    },
  };
}

function quarantineOf({ engine, clock }: Pick<Host, "engine" | "clock">) {
  return openQuarantine(engine, clock);
}

async function filterOf(
  host: OpenedHost,
  { dataset, rule, status }: RejectsWanted,
): Promise<QuarantineFilter> {
  return {
    ...(dataset === undefined ? {} : { dataset: await datasetNamed(host, dataset) }),
    ...(rule === undefined ? {} : { rule }),
    ...(status === undefined ? {} : { status }),
  };
}
