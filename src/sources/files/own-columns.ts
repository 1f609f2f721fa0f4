/** Names of columns that belong to the platform. */

/** Columns that the source itself adds to every row. */
export const ownColumns = [
  { name: "_file", type: "String" },
  { name: "_file_hash", type: "String" },
  { name: "_row", type: "Int64" },
] as const;

/** Names no column of a file may have: the platform writes them. */
export const reservedNames: ReadonlySet<string> = new Set([
  ...ownColumns.map(({ name }) => name),
  "_ingested_at",
  "_run_id",
  "_source",
  "_deleted",
]);
