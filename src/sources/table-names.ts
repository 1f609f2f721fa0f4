/** Names of tables as parts of the names of their datasets. */

/** Room for the name of the source, in file names of at most 255 bytes. */
const longest = 150;

/** True for a table name that can be part of the name of a bronze dataset. */
export function canBeDataset(table: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9_-]*$/.test(table) && table.length <= longest;
}
