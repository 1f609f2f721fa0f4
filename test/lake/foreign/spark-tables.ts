/** Tables that Spark makes with features our writer does not use. `$t` is the table. */
export interface SparkTable {
  readonly name: string;
  readonly statements: readonly string[];
  /** Our error when we cannot read it. */
  readonly refused?: RegExp;
  /** We read it but refuse to write into it. */
  readonly readOnly?: boolean;
}

const fill =
  "INSERT INTO $t SELECT id, concat('n', id) AS name, CAST(id AS DECIMAL(10, 2)) AS amount FROM range(10)";
const fields = "id BIGINT, name STRING, amount DECIMAL(10, 2)";

export const sparkTables: readonly SparkTable[] = [
  {
    name: "plain",
    statements: [`CREATE TABLE $t (${fields}) USING delta`, fill, "DELETE FROM $t WHERE id = 3"],
  },
  {
    name: "partitioned",
    statements: [
      "CREATE TABLE $t (id BIGINT, day DATE, s STRING) USING delta PARTITIONED BY (s)",
      "INSERT INTO $t VALUES (1, DATE'2026-01-01', 'a/b'), (2, NULL, NULL), (3, DATE'1900-01-01', 'ü %')",
    ],
  },
  {
    name: "two_partitions",
    statements: [
      "CREATE TABLE $t (id BIGINT, day DATE, s STRING) USING delta PARTITIONED BY (day, s)",
      "INSERT INTO $t VALUES (1, DATE'2026-01-01', 'a'), (2, DATE'2026-01-02', NULL)",
    ],
    readOnly: true,
  },
  {
    name: "deletion_vectors",
    statements: [
      `CREATE TABLE $t (${fields}) USING delta TBLPROPERTIES ('delta.enableDeletionVectors' = 'true')`,
      fill,
      "DELETE FROM $t WHERE id IN (2, 5)",
      "UPDATE $t SET name = 'changed' WHERE id = 7",
    ],
    readOnly: true,
  },
  {
    name: "column_mapping",
    statements: [
      `CREATE TABLE $t (${fields}) USING delta TBLPROPERTIES ('delta.columnMapping.mode' = 'name', 'delta.minReaderVersion' = '2', 'delta.minWriterVersion' = '5')`,
      fill,
      "ALTER TABLE $t RENAME COLUMN name TO title",
      "ALTER TABLE $t DROP COLUMN amount",
    ],
    readOnly: true,
  },
  {
    name: "type_widening",
    statements: [
      "CREATE TABLE $t (id INT, n SMALLINT) USING delta TBLPROPERTIES ('delta.enableTypeWidening' = 'true')",
      "INSERT INTO $t VALUES (1, 2)",
      "ALTER TABLE $t ALTER COLUMN n TYPE INT",
      "INSERT INTO $t VALUES (2, 100000)",
    ],
    readOnly: true,
  },
  {
    name: "ntz",
    statements: [
      "CREATE TABLE $t (id INT, at TIMESTAMP_NTZ, ts TIMESTAMP) USING delta",
      "INSERT INTO $t VALUES (1, TIMESTAMP_NTZ'2026-03-29 02:30:00.123456', TIMESTAMP'2026-03-29 02:30:00.123456')",
    ],
  },
  {
    name: "nested",
    statements: [
      "CREATE TABLE $t (id INT, a ARRAY<INT>, m MAP<STRING, DOUBLE>, s STRUCT<x: INT, y: STRING>) USING delta",
      "INSERT INTO $t VALUES (1, array(1, NULL), map('k', 0.5), named_struct('x', 1, 'y', NULL)), (2, array(), map(), named_struct('x', NULL, 'y', 'z'))",
    ],
  },
  {
    name: "checkpointed",
    statements: [
      `CREATE TABLE $t (${fields}) USING delta TBLPROPERTIES ('delta.checkpointInterval' = '2')`,
      fill,
      fill,
      "OPTIMIZE $t",
      fill,
    ],
  },
  {
    name: "v2_checkpoint",
    statements: [
      `CREATE TABLE $t (${fields}) USING delta TBLPROPERTIES ('delta.checkpointPolicy' = 'v2', 'delta.checkpointInterval' = '2')`,
      fill,
      fill,
      fill,
    ],
    readOnly: true,
  },
  {
    name: "variant",
    statements: [
      "CREATE TABLE $t (id INT, v VARIANT) USING delta",
      "INSERT INTO $t SELECT 1, parse_json('{\"a\":1}')",
    ],
    refused: /variant cannot be read/,
  },
];
