/** What a task has published though it did not end well. */
import type { Host, TaskReport } from "../pipeline/index.ts";

/**
 * The report with the counts of everything that the task has published in this run. A task of a source publishes extract by
 * extract: one that fails, or that succeeds only when it is done again, has published what came before. Counts that cannot
 * be read stay as they are.
 */
export async function withPublished(host: Host, runId: string, report: TaskReport): Promise<TaskReport> {
  const again = report.attempt > 1 && report.layer === "bronze";
  if (report.state !== "failed" && !again) return report;
  const counts = await host.state.publications.countsOf(runId, report.dataset).catch(() => report.counts);
  return { ...report, counts };
}
