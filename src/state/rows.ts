/** Between records and rows of the ops tables. */

import type { CheckResult } from "../api/checks.ts";
import type { InputVersions, TaskCounts } from "../api/runs.ts";
import type { PlainError } from "../util/errors.ts";
import type {
  CheckRow,
  PublicationRecord,
  PublicationRow,
  RunRecord,
  RunRow,
  TaskRecord,
  TaskRow,
} from "./records.ts";

/** A row as the engine returns it: 64-bit numbers are text. */
export type Raw = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;

const noCounts: TaskCounts = { read: 0, published: 0, rejected: 0, deduplicated: 0 };

/** For `ops.runs_log`; `now` is the moment of recording, the latest one wins. */
export function runToRow(run: RunRecord, now: Date): object {
  return {
    run_id: run.runId,
    state: run.state,
    started_at: timeText(run.startedAt),
    ended_at: run.endedAt ? timeText(run.endedAt) : null,
    selection: run.selection ?? "",
    host: run.host ?? "",
    pid: run.pid ?? 0,
    owner: run.owner ?? "",
    tasks: run.tasks ?? 0,
    error: run.error ?? "",
    recorded_at: timeText(now),
  };
}

/** For `ops.tasks_log`; inputs, error and steps become JSON text. */
export function taskToRow(task: TaskRecord, now: Date): object {
  return {
    task_id: task.taskId,
    run_id: task.runId,
    dataset: task.dataset,
    layer: task.layer,
    attempt: task.attempt,
    state: task.state,
    action: task.action,
    reason: task.reason,
    version: task.version ?? null,
    ...countsToRow(task.counts ?? noCounts),
    bytes: task.bytes ?? 0,
    inputs: JSON.stringify(task.inputs ?? {}),
    error: task.error ? JSON.stringify(task.error) : "",
    steps_ms: JSON.stringify(task.stepsMs ?? {}),
    queued_at: timeText(task.queuedAt ?? task.startedAt),
    started_at: timeText(task.startedAt),
    ended_at: task.endedAt ? timeText(task.endedAt) : null,
    recorded_at: timeText(now),
  };
}

/** For `ops.check_results_log`; `of` says whose audit it was. */
export function checkToRow(
  of: { readonly runId: string; readonly taskId: string },
  check: CheckResult,
  now: Date,
): object {
  return {
    ...check,
    run_id: of.runId,
    task_id: of.taskId,
    column: check.column ?? "",
    sample: JSON.stringify(check.sample),
    recorded_at: timeText(now),
  };
}

/** For `ops.publications_log`; `now` is used when it does not say itself when it was published. */
export function publicationToRow(publication: PublicationRecord, now: Date): object {
  return {
    dataset: publication.dataset,
    version: publication.version,
    version_id: publication.versionId ?? "",
    task_id: publication.taskId,
    run_id: publication.runId,
    mode: publication.mode,
    superseded_sources: publication.supersededSources ?? [],
    ...countsToRow(publication.counts),
    rows_total: publication.rows ?? null,
    inputs: JSON.stringify(publication.inputs ?? {}),
    published_at: timeText(publication.publishedAt ?? now),
  };
}

/** Of `ops.runs_log`. */
export function rowToRun(row: Raw): RunRow {
  return {
    runId: String(row["run_id"]),
    state: String(row["state"]) as RunRow["state"],
    startedAt: iso(row["started_at"]) ?? "",
    endedAt: iso(row["ended_at"]),
    selection: String(row["selection"]),
    host: String(row["host"]),
    pid: Number(row["pid"]),
    owner: String(row["owner"]),
    tasks: Number(row["tasks"]),
    error: String(row["error"]),
  };
}

/** Of `ops.tasks_log`. Throws a SyntaxError when its JSON texts are damaged. */
export function rowToTask(row: Raw): TaskRow {
  const version = row["version"];
  return {
    taskId: String(row["task_id"]),
    runId: String(row["run_id"]),
    dataset: String(row["dataset"]),
    layer: String(row["layer"]),
    attempt: Number(row["attempt"]),
    state: String(row["state"]) as TaskRow["state"],
    action: String(row["action"]),
    reason: String(row["reason"]),
    version: version === null || version === undefined ? undefined : Number(version),
    counts: rowToCounts(row),
    bytes: Number(row["bytes"]),
    inputs: rowToInputs(row),
    error: row["error"] === "" ? undefined : (JSON.parse(String(row["error"])) as PlainError),
    stepsMs: JSON.parse(String(row["steps_ms"])) as Record<string, number>,
    queuedAt: iso(row["queued_at"]) ?? "",
    startedAt: iso(row["started_at"]) ?? "",
    endedAt: iso(row["ended_at"]),
  };
}

/** Of `ops.publications_log`, or of its newest rows. */
export function rowToPublication(row: Raw): PublicationRow {
  const counts = rowToCounts(row);
  return {
    dataset: String(row["dataset"]),
    version: Number(row["version"]),
    versionId: String(row["version_id"] ?? ""),
    taskId: String(row["task_id"]),
    runId: String(row["run_id"]),
    mode: String(row["mode"]) as PublicationRow["mode"],
    supersededSources: row["superseded_sources"] as readonly string[],
    counts,
    rows: Number(row["rows_total"] ?? counts.published),
    inputs: rowToInputs(row),
    publishedAt: iso(row["published_at"]) ?? "",
  };
}

/** Of `ops.check_results_log`. Throws a SyntaxError when its sample is damaged. */
export function rowToCheck(row: Raw): CheckRow {
  return {
    runId: String(row["run_id"]),
    taskId: String(row["task_id"]),
    dataset: String(row["dataset"]),
    name: String(row["name"]),
    type: String(row["type"]),
    ...(row["column"] === "" ? {} : { column: String(row["column"]) }),
    severity: String(row["severity"]) as CheckRow["severity"],
    dimension: String(row["dimension"]) as CheckRow["dimension"],
    status: String(row["status"]) as CheckRow["status"],
    success: row["success"] === true,
    element_count: Number(row["element_count"]),
    unexpected_count: Number(row["unexpected_count"]),
    unexpected_percent: Number(row["unexpected_percent"]),
    sample: JSON.parse(String(row["sample"])) as Record<string, unknown>[],
    query: String(row["query"]),
    location: String(row["location"]),
    message: String(row["message"]),
    recordedAt: iso(row["recorded_at"]) ?? "",
  };
}

function countsToRow(counts: TaskCounts): object {
  return {
    rows_read: counts.read,
    rows_published: counts.published,
    rows_rejected: counts.rejected,
    rows_deduplicated: counts.deduplicated,
  };
}

/** Version 0.1.0 kept versions as numbers. */
function rowToInputs(row: Raw): InputVersions {
  const kept = JSON.parse(String(row["inputs"])) as Readonly<Record<string, string | number>>;
  return Object.fromEntries(Object.entries(kept).map(([dataset, version]) => [dataset, String(version)]));
}

/** The four counts as every table of `ops` names them; sums have the same names. */
export function rowToCounts(row: Raw): TaskCounts {
  return {
    read: Number(row["rows_read"]),
    published: Number(row["rows_published"]),
    rejected: Number(row["rows_rejected"]),
    deduplicated: Number(row["rows_deduplicated"]),
  };
}

/** "2026-11-21 16:40:10.123": what DateTime64(3, 'UTC') takes and gives. */
export function timeText(date: Date): string {
  return date.toISOString().replace("T", " ").replace("Z", "");
}

/** ISO 8601 of an engine's time text; undefined for NULL. */
export function iso(value: Raw[string] | undefined): string | undefined {
  return typeof value === "string" ? `${value.replace(" ", "T")}Z` : undefined;
}
