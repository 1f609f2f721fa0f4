/** The versions of a dataset. */
import { homeOf } from "../api/datasets.ts";
import type { OpenedHost } from "../host/host.ts";
import type { PublicationRow } from "../state/records.ts";

/** A version of a dataset, with what the publishing task counted, when a task published rows. */
export interface Version {
  /** Its number. */
  readonly version: number;
  /** Tells it from every other version, also of the same number; "" when release 0.1.0 noted it. */
  readonly id: string;
  /** ISO 8601, UTC; undefined: it was not noted. */
  readonly time: string | undefined;
  /** "full", "increment", "optimize": what made it. */
  readonly operation: string;
  /** The run that made it; undefined: no run did. */
  readonly runId: string | undefined;
  /** Rows of that task; undefined: the state knows none. */
  readonly counts: PublicationRow["counts"] | undefined;
}

/** Newest first, at most `limit`: of the lake every commit of the log, of the warehouse what the state remembers. */
export async function versionsOf(
  host: OpenedHost,
  dataset: string,
  limit: number,
): Promise<readonly Version[]> {
  const publications = await host.state.publications.list(dataset, limit);
  if (homeOf(dataset) === "warehouse") return publications.map(fromState);
  const byId = new Map(publications.map((row) => [row.versionId, row]));
  const byNumber = new Map(publications.map((row) => [row.versionId === "" ? row.version : -1, row]));
  const entries = await host.lake.table(dataset).history(limit);
  return entries.map(({ version, id, time, operation, info }) => {
    const publication = byId.get(id) ?? byNumber.get(version);
    const noted = info["runId"];
    return {
      version,
      id,
      time: time?.toISOString(),
      operation: String(info["operation"] ?? operation).toLowerCase(),
      runId: publication?.runId ?? (typeof noted === "string" ? noted : undefined),
      counts: publication?.counts,
    };
  });
}

function fromState(row: PublicationRow): Version {
  const { version, versionId: id, publishedAt: time, mode: operation, runId, counts } = row;
  return { version, id, time, operation, runId, counts };
}
