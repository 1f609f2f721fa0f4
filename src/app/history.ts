/** The versions of a dataset. */
import { homeOf } from "../api/datasets.ts";
import type { OpenedHost } from "../host/host.ts";
import type { PublicationRow } from "../state/records.ts";

/** A version of a dataset, with what the publishing task counted, when a task published rows. */
export interface Version {
  /** Its number. */
  readonly version: number;
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
  const byVersion = new Map(publications.map((row) => [row.version, row]));
  const entries = await host.lake.table(dataset).history(limit);
  return entries.map(({ version, time, operation, info }) => {
    const publication = byVersion.get(version);
    const noted = info["runId"];
    return {
      version,
      time: time?.toISOString(),
      operation: String(info["operation"] ?? operation).toLowerCase(),
      runId: publication?.runId ?? (typeof noted === "string" ? noted : undefined),
      counts: publication?.counts,
    };
  });
}

function fromState({ version, publishedAt, mode, runId, counts }: PublicationRow): Version {
  return { version, time: publishedAt, operation: mode, runId, counts };
}
