/**
 * The view `ops.quarantine`: one row per reject, with its status. It reads the publications that rejects belong to, the newest
 * full one of each dataset and those that replaced files, never the whole history.
 */

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

/**
 * The beginnings of a source reference that may be the name of a file: up to a character that no name goes on with.
 * "in/a.csv:12" has in, in/a.csv and itself. Looking these up is one join; comparing with every file would grow with both.
 */
const beginnings = `arrayMap(end -> substring(source_ref, 1, end),
    arrayCumSum(arrayMap(piece -> length(piece), splitByChar('\\0', replaceRegexpAll(source_ref, '[^A-Za-z0-9._-]', '\\0\\\\0')))))`;

/** Every full publication supersedes earlier rejects of its dataset; replaced files supersede theirs. */
export const quarantineView: string = `CREATE OR REPLACE VIEW ops.quarantine AS
WITH
  published AS (
    SELECT task_id, max((published_at, version)) AS position FROM ops.publications_log
    WHERE task_id IN (SELECT task_id FROM ops.quarantine_log) GROUP BY task_id
  ),
  fulls AS (
    SELECT dataset, maxIf((published_at, version), mode = 'full') AS last_full FROM ops.publications_log GROUP BY dataset
  ),
  replaced AS (
    SELECT dataset, file, max((published_at, version)) AS replaced_at
    FROM ops.publications_log ARRAY JOIN superseded_sources AS file
    WHERE notEmpty(superseded_sources) AND dataset IN (SELECT dataset FROM ops.quarantine_log) GROUP BY dataset, file
  ),
  closed AS (
    SELECT parts.task_id AS task_id, parts.source_ref AS source_ref FROM (
      SELECT DISTINCT dataset, task_id, source_ref, arrayJoin(${beginnings}) AS file FROM ops.quarantine_log
      WHERE dataset IN (SELECT dataset FROM ops.publications_log WHERE notEmpty(superseded_sources))
    ) AS parts INNER JOIN replaced ON replaced.dataset = parts.dataset AND replaced.file = parts.file
    INNER JOIN published ON published.task_id = parts.task_id WHERE replaced.replaced_at > published.position
  ),
  events AS (
    SELECT id, argMax(status, at) AS event_status, max(at) AS event_at, countIf(status = 'discarded') > 0 AS discarded
    FROM ops.quarantine_events GROUP BY id
  ),
  sightings AS (
    SELECT ${columnsOf("q")}, p.position AS position,
      p.position >= fulls.last_full AND (q.task_id, q.source_ref) NOT IN (SELECT task_id, source_ref FROM closed) AS live
    FROM ops.quarantine_log AS q INNER JOIN published AS p ON p.task_id = q.task_id
    LEFT JOIN fulls ON fulls.dataset = q.dataset
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
