/**
 * Version 2: every table is partitioned by month, so that old months can be dropped; runs name their owner; tasks say when
 * they were queued and how many bytes they wrote; the newest publication of a dataset is kept beside the rows of each part.
 */
import type { Migration } from "./migration.ts";
import { rebuildTables, type TableLayout } from "./rebuild.ts";

/** Rebuilds each table beside the old one and exchanges them; safe to repeat after a kill. */
export const months: Migration = {
  number: 2,
  name: "months",
  up: ({ engine }) => rebuildTables(engine, layouts),
};

const at = "DateTime64(3, 'UTC')";
const word = "LowCardinality(String)";
const counts = "rows_read UInt64, rows_published UInt64, rows_rejected UInt64, rows_deduplicated UInt64";
const countNames = "rows_read, rows_published, rows_rejected, rows_deduplicated";
const byRun = "INDEX by_run run_id TYPE bloom_filter(0.001) GRANULARITY 1";

/** Tables of version 2. Never changed: a later migration brings its own. */
const layouts: readonly TableLayout[] = [
  {
    name: "runs_log",
    body: `run_id String, state ${word}, started_at ${at}, ended_at Nullable(${at}), selection String, host String,
      pid UInt32, owner String, tasks UInt32, error String, recorded_at ${at}`,
    partitionBy: "toYYYYMM(started_at)",
    orderBy: "(started_at, run_id)",
    kept: "run_id, state, started_at, ended_at, selection, host, pid, tasks, error, recorded_at",
  },
  {
    name: "tasks_log",
    body: `task_id String, run_id String, dataset ${word}, layer ${word}, attempt UInt16, state ${word}, action ${word},
      reason String, version Nullable(Int64), ${counts}, bytes UInt64, inputs String, error String, steps_ms String,
      queued_at ${at}, started_at ${at}, ended_at Nullable(${at}), recorded_at ${at}`,
    partitionBy: "toYYYYMM(queued_at)",
    orderBy: "(run_id, dataset, task_id)",
    kept: `task_id, run_id, dataset, layer, attempt, state, action, reason, version, ${countNames}, inputs, error, steps_ms,
      started_at, ended_at, recorded_at`,
    filled: { queued_at: "started_at" },
  },
  {
    name: "check_results_log",
    body: `run_id String, task_id String, dataset ${word}, name String, type ${word}, column String, severity ${word},
      dimension ${word}, status ${word}, success Bool, element_count UInt64, unexpected_count UInt64,
      unexpected_percent Float64, sample String, query String, location String, message String, recorded_at ${at}, ${byRun}`,
    partitionBy: "toYYYYMM(recorded_at)",
    orderBy: "(dataset, recorded_at, name)",
    kept: `run_id, task_id, dataset, name, type, column, severity, dimension, status, success, element_count,
      unexpected_count, unexpected_percent, sample, query, location, message, recorded_at`,
  },
  {
    name: "publications_log",
    body: `dataset ${word}, version Int64, task_id String, run_id String, mode ${word}, superseded_sources Array(String),
      ${counts}, rows_total Nullable(UInt64), inputs String, published_at ${at}, version_id String, ${byRun},
      PROJECTION newest (
        SELECT dataset,
          argMax((version, task_id, run_id, mode, superseded_sources, ${countNames}, rows_total, inputs, published_at, version_id),
            (published_at, version)),
          maxIf((published_at, version), mode = 'full')
        GROUP BY dataset)`,
    partitionBy: "toYYYYMM(published_at)",
    orderBy: "(dataset, published_at, version)",
    kept: `dataset, version, task_id, run_id, mode, superseded_sources, ${countNames}, rows_total, inputs, published_at`,
  },
  {
    name: "quarantine_log",
    body: `id FixedString(32) DEFAULT lower(hex(sipHash128(dataset, rule, source_ref, raw_encoding, raw))),
      dataset ${word}, run_id String, task_id String, rule ${word}, dimension ${word}, reason String,
      raw String CODEC(ZSTD(3)), raw_encoding ${word}, source_ref String, key String,
      staged_at ${at} DEFAULT now64(3, 'UTC'), ${byRun}`,
    partitionBy: "toYYYYMM(staged_at)",
    orderBy: "(dataset, rule, task_id)",
    kept: "id, dataset, run_id, task_id, rule, dimension, reason, raw, raw_encoding, source_ref, key, staged_at",
  },
  {
    name: "quarantine_events",
    body: `id FixedString(32), dataset ${word}, status ${word}, by String, at ${at}`,
    partitionBy: "toYYYYMM(at)",
    orderBy: "(dataset, id, at)",
    kept: "id, dataset, status, by, at",
  },
];
