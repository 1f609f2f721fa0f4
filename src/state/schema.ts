/**
 * The tables of the `ops` database. `*_log` tables are append-only; the views show the current state: one row per run, task,
 * check of a task, publication, quarantined row.
 */
import type { Engine } from "../engine/engine.ts";

/** Grows with every change of the statements below; a database of another version gets them applied again. */
export const SCHEMA_VERSION = 1;

/**
 * Creates what is missing. One statement when nothing is. Safe to call from several processes at once: every statement is
 * idempotent, and the version is written last.
 */
export async function ensureSchema(engine: Engine): Promise<void> {
  const [found] = await engine.rows<{ definition: string }>(
    "SELECT as_select AS definition FROM system.tables WHERE database = 'ops' AND name = 'schema_version'",
  );
  if (found?.definition.includes(`SELECT ${SCHEMA_VERSION} AS`)) return;
  for (const statement of [...tables, ...views, version]) await engine.command(statement);
}

const at = "DateTime64(3, 'UTC')";
const counts = "rows_read UInt64, rows_published UInt64, rows_rejected UInt64, rows_deduplicated UInt64";

const tables: readonly string[] = [
  "CREATE DATABASE IF NOT EXISTS ops",
  `CREATE TABLE IF NOT EXISTS ops.runs_log (
    run_id String, state LowCardinality(String), started_at ${at}, ended_at Nullable(${at}),
    selection String, host String, pid UInt32, tasks UInt32, error String, recorded_at ${at}
  ) ENGINE = MergeTree ORDER BY (started_at, run_id)`,
  `CREATE TABLE IF NOT EXISTS ops.tasks_log (
    task_id String, run_id String, dataset LowCardinality(String), layer LowCardinality(String), attempt UInt16,
    state LowCardinality(String), action LowCardinality(String), reason String, version Nullable(Int64), ${counts},
    inputs String, error String, steps_ms String, started_at ${at}, ended_at Nullable(${at}), recorded_at ${at}
  ) ENGINE = MergeTree ORDER BY (dataset, started_at, task_id)`,
  `CREATE TABLE IF NOT EXISTS ops.check_results_log (
    run_id String, task_id String, dataset LowCardinality(String), name String, type LowCardinality(String),
    column String, severity LowCardinality(String), dimension LowCardinality(String), status LowCardinality(String),
    success Bool, element_count UInt64, unexpected_count UInt64, unexpected_percent Float64, sample String, query String,
    location String, message String, recorded_at ${at}
  ) ENGINE = MergeTree ORDER BY (dataset, recorded_at, name)`,
  `CREATE TABLE IF NOT EXISTS ops.publications_log (
    dataset LowCardinality(String), version Int64, task_id String, run_id String, mode LowCardinality(String),
    superseded_sources Array(String), ${counts}, rows_total Nullable(UInt64), inputs String, published_at ${at}
  ) ENGINE = MergeTree ORDER BY (dataset, published_at, version)`,
  `CREATE TABLE IF NOT EXISTS ops.quarantine_log (
    id FixedString(32) DEFAULT lower(hex(sipHash128(dataset, rule, source_ref, raw_encoding, raw))),
    dataset LowCardinality(String), run_id String, task_id String, rule LowCardinality(String),
    dimension LowCardinality(String), reason String, raw String CODEC(ZSTD(3)), raw_encoding LowCardinality(String),
    source_ref String, key String, staged_at ${at} DEFAULT now64(3, 'UTC')
  ) ENGINE = MergeTree ORDER BY (dataset, rule, task_id)`,
  `CREATE TABLE IF NOT EXISTS ops.quarantine_events (
    id FixedString(32), dataset LowCardinality(String), status LowCardinality(String), by String, at ${at}
  ) ENGINE = MergeTree ORDER BY (dataset, id, at)`,
];

/** Later states win, whatever the clocks said: attempts in order, within one queued, running, then its end. */
const rank = "multiIf(state = 'queued', 0, state = 'running', 1, 2)";

const rejectColumns = [
  "id",
  "dataset",
  "run_id",
  "task_id",
  "rule",
  "dimension",
  "reason",
  "raw",
  "raw_encoding",
  "source_ref",
  "key",
  "staged_at",
];
const columnsOf = (table: string): string =>
  rejectColumns.map((name) => `${table}.${name} AS ${name}`).join(", ");

/** Every full publication supersedes earlier rejects of its dataset; replaced files supersede theirs. */
const quarantineView = `CREATE OR REPLACE VIEW ops.quarantine AS
WITH
  seen AS (
    SELECT ${columnsOf("q")}, (p.published_at, p.version) AS position
    FROM ops.quarantine_log AS q INNER JOIN ops.publications AS p ON p.task_id = q.task_id
  ),
  fulls AS (
    SELECT dataset, max((published_at, version)) AS last_full FROM ops.publications WHERE mode = 'full' GROUP BY dataset
  ),
  replaced AS (
    SELECT dataset, groupArray((published_at, version, file)) AS files
    FROM ops.publications ARRAY JOIN superseded_sources AS file GROUP BY dataset
  ),
  events AS (
    SELECT id, argMax(status, at) AS event_status, max(at) AS event_at, countIf(status = 'discarded') > 0 AS discarded
    FROM ops.quarantine_events GROUP BY id
  ),
  sightings AS (
    SELECT ${columnsOf("seen")}, position,
      position >= last_full AND NOT arrayExists(
        f -> (f.1, f.2) > position AND startsWith(source_ref, f.3)
          AND NOT match(substring(source_ref, length(f.3) + 1, 1), '[A-Za-z0-9._-]'),
        files) AS live
    FROM seen
    LEFT JOIN fulls ON fulls.dataset = seen.dataset
    LEFT JOIN replaced ON replaced.dataset = seen.dataset
  ),
  rejects AS (
    SELECT s.id AS id, s.dataset AS dataset, any(s.rule) AS rule, any(s.dimension) AS dimension,
      argMax(s.reason, s.position) AS reason, any(s.raw) AS raw, any(s.raw_encoding) AS raw_encoding,
      any(s.source_ref) AS source_ref, any(s.key) AS key, argMax(s.run_id, s.position) AS run_id,
      argMax(s.task_id, s.position) AS task_id, min(s.staged_at) AS first_seen_at, max(s.staged_at) AS last_seen_at,
      uniqExact(s.task_id) AS attempts, countIf(s.live) AS occurrences
    FROM sightings AS s GROUP BY s.id, s.dataset
  )
SELECT rejects.id AS id, rejects.dataset AS dataset, run_id, task_id, rule, dimension, reason, raw, raw_encoding, source_ref, key,
  first_seen_at, last_seen_at, attempts, occurrences,
  multiIf(discarded, 'discarded', occurrences > 0, 'open', 'replayed') AS status, event_status, event_at
FROM rejects LEFT JOIN events ON events.id = rejects.id`;

const views: readonly string[] = [
  `CREATE OR REPLACE VIEW ops.runs AS
SELECT * EXCEPT (recorded_at) FROM ops.runs_log ORDER BY ${rank} DESC, recorded_at DESC LIMIT 1 BY run_id`,
  `CREATE OR REPLACE VIEW ops.tasks AS
SELECT * EXCEPT (recorded_at) FROM ops.tasks_log ORDER BY attempt DESC, ${rank} DESC, recorded_at DESC LIMIT 1 BY task_id`,
  `CREATE OR REPLACE VIEW ops.check_results AS
SELECT * FROM ops.check_results_log ORDER BY recorded_at DESC LIMIT 1 BY task_id, name`,
  `CREATE OR REPLACE VIEW ops.publications AS
SELECT * FROM ops.publications_log ORDER BY published_at LIMIT 1 BY task_id`,
  quarantineView,
];

const version = `CREATE OR REPLACE VIEW ops.schema_version AS SELECT ${SCHEMA_VERSION} AS version`;
