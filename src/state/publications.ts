/** Publications: which versions were published, from what, and what became of the rows. */
import type { TaskCounts } from "../api/runs.ts";
import type { Access } from "./access.ts";
import type { PublicationRecord, PublicationRow } from "./records.ts";
import { publicationToRow, rowToCounts, rowToPublication } from "./rows.ts";
import { newestPublications, oncePublished } from "./views.ts";

/** The history of versions, one entry for each publication of a dataset. */
export interface Publications {
  /** Makes the rejects that were staged under the same task id visible. Collected and written together. */
  record(...publications: readonly PublicationRecord[]): Promise<void>;
  /** Takes publications back whose versions are not there any more: a restored backup is older. Their rejects go out of sight. */
  withdraw(taskIds: readonly string[]): Promise<void>;
  /** The newest publication of every dataset, by dataset. */
  newest(): Promise<ReadonlyMap<string, PublicationRow>>;
  /** The newest `limit` publications of a dataset, newest first. */
  list(dataset: string, limit: number): Promise<readonly PublicationRow[]>;
  /** Sums of what a run has published of a dataset so far; zeros when nothing. */
  countsOf(runId: string, dataset: string): Promise<TaskCounts>;
}

/** Works on `ops.publications_log`; its tables must be there. */
export function openPublications(access: Access): Publications {
  return {
    async record(...publications) {
      const now = access.clock();
      access.add(
        "ops.publications_log",
        publications.map((publication) => publicationToRow(publication, now)),
      );
    },
    async withdraw(taskIds) {
      await access.change(
        "ALTER TABLE ops.publications_log DELETE WHERE task_id IN ({taskIds:Array(String)})",
        { taskIds },
      );
    },
    async newest() {
      const rows = (await access.rows(newestPublications)).map(rowToPublication);
      return new Map(rows.map((row) => [row.dataset, row]));
    },
    async list(dataset, limit) {
      return (await access.rows(newestOf, { dataset, n: limit })).map(rowToPublication);
    },
    async countsOf(runId, dataset) {
      const [row = {}] = await access.rows(sums, { runId, dataset });
      return rowToCounts(row);
    },
  };
}

const newestFirst = "ORDER BY published_at DESC, version DESC";

/** The table is read from its end, a few rows; then all records of those tasks. */
const newestOf = `SELECT * FROM (${oncePublished(`WHERE dataset = {dataset:String} AND task_id IN (
  SELECT task_id FROM ops.publications_log WHERE dataset = {dataset:String} ${newestFirst} LIMIT 1 BY task_id LIMIT {n:UInt32})`)})
${newestFirst}`;

const sums = `SELECT sum(rows_read) AS rows_read, sum(rows_published) AS rows_published, sum(rows_rejected) AS rows_rejected,
  sum(rows_deduplicated) AS rows_deduplicated
FROM (${oncePublished("WHERE dataset = {dataset:String} AND run_id = {runId:String}")})`;
