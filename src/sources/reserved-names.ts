/** Names that columns of a source cannot have in bronze, because the platform writes them. */

/** Columns that the platform adds to rows of any source. */
const ofPlatform: ReadonlySet<string> = new Set(["_ingested_at", "_run_id", "_source"]);

/** Columns that some kinds of sources add, and the hidden partition column of the lake. */
const ofKinds: ReadonlySet<string> = new Set([
  "_deleted",
  "_file",
  "_file_hash",
  "_row",
  "_partition",
  "_offset",
  "_raw",
  "_part",
]);

/** What the statements that read sources call things: the engine's row number, and names of their own. */
const ofStatements = /^(_row_number$|_side$|__c|_given_)/i;

/** True for a column that the platform adds to each row of bronze, whatever its source. */
export function isPlatformColumn(name: string): boolean {
  return ofPlatform.has(name);
}

/** True for a name that a column of a source must not have in a new table. Upper and lower case are the same. */
export function isReserved(name: string): boolean {
  const lower = name.toLowerCase();
  return ofPlatform.has(lower) || ofKinds.has(lower) || ofStatements.test(name);
}

/** What a column of a source is called whose own name is reserved: `_file` -> `source_file`. */
export function standIn(name: string): string {
  return `source${name.startsWith("_") ? "" : "_"}${name}`;
}
