/** Runs: what was started, by whom, and how it ended. */
import type { Access } from "./access.ts";
import type { RunRecord, RunRow } from "./records.ts";
import { rowToRun, runToRow } from "./rows.ts";
import { latestRuns } from "./views.ts";

/** Which runs to list; all conditions must hold. */
export interface RunFilter {
  /** Only runs that have not ended, however many came later. Default: also those that have. */
  readonly running?: true;
  /** Only runs whose id begins so. Default: any. */
  readonly idBegins?: string;
  /** Only the newest of those that match, to show them to people. Default: all. */
  readonly limit?: number;
}

/** The history of runs. */
export interface Runs {
  /** When a run starts and when it ends; the later state wins. Written when it returns. */
  record(run: RunRecord): Promise<void>;
  /** Newest first. */
  list(filter?: RunFilter): Promise<readonly RunRow[]>;
}

/** Works on `ops.runs_log`; its tables must be there. */
export function openRuns(access: Access): Runs {
  return {
    record: (run) => access.write("ops.runs_log", [runToRow(run, access.clock())]),
    async list(filter = {}) {
      const { idBegins = "", limit = 0 } = filter;
      return (await access.rows(listing(filter), { id: idBegins, n: limit })).map(rowToRun);
    },
  };
}

const newestFirst = "ORDER BY started_at DESC, run_id DESC";
const notEnded =
  "state = 'running' AND run_id NOT IN (SELECT run_id FROM ops.runs_log WHERE state != 'running')";

/**
 * Chooses in the order of the table, so that the newest few of many runs are a few rows to read; then takes all records of
 * the chosen ones.
 */
function listing({ running, idBegins, limit }: RunFilter): string {
  const conditions = [
    ...(running === undefined ? [] : [notEnded]),
    ...(idBegins === undefined ? [] : ["startsWith(run_id, {id:String})"]),
  ];
  const where = conditions.length === 0 ? "" : `WHERE ${conditions.join(" AND ")}`;
  const first = limit === undefined ? "" : "LIMIT {n:UInt32}";
  const chosen = `SELECT started_at, run_id FROM ops.runs_log ${where} ${newestFirst} LIMIT 1 BY started_at, run_id ${first}`;
  return `SELECT * FROM (${latestRuns(`WHERE (started_at, run_id) IN (${chosen})`)}) ${newestFirst}`;
}
