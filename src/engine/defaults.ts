/**
 * Settings sent with every statement, to the embedded engine and to a server alike. Everything else stays as ClickHouse
 * has it; these differ because the default can change a number or lose a row without an error.
 */
export const DEFAULT_SETTINGS: Readonly<Record<string, string>> = {
  /** 64-bit integers as JSON strings: a JavaScript number is wrong above 2^53. */
  output_format_json_quote_64bit_integers: "1",
  /** Decimals as JSON strings: money never passes through a float. */
  output_format_json_quote_decimals: "1",
  /** A NULL for a column that takes none is an error: the default stores 0 or "". */
  insert_null_as_default: "0",
  /** The same for rows sent as data. */
  input_format_null_as_default: "0",
  /** An INSERT is answered when its rows are stored, each in its own part: no server-side batching. */
  async_insert: "0",
  /** ALTER UPDATE and DELETE are answered when done on all replicas: the next SELECT sees them. */
  mutations_sync: "2",
  /** DateTime without a zone is UTC, whatever the machine or server is set to. */
  session_timezone: "UTC",
  /** A folder called `a=b` adds no column `a` to a file read with file() or s3(). */
  use_hive_partitioning: "0",
  /** A store that answers 500 or nothing is an error after some seconds: the default of 500 attempts takes three quarters of an hour. */
  s3_retry_attempts: "9",
};
