/** Names a file gives its columns. */
import { ShoplakeError } from "../../../util/errors.ts";
import { reservedNames } from "../own-columns.ts";

const most = 2000;

/** Throws a `source` error that names empty, repeated and reserved names. */
export function checkNames(file: string, names: readonly string[]): void {
  const fail = (message: string, hint: string) => {
    throw new ShoplakeError("source", message, { where: file, hint });
  };
  const empty = names.flatMap((name, i) => (name === "" ? [i + 1] : []));
  if (empty.length > 0)
    fail(`Column ${empty.join(", ")} of ${file} has no name.`, "Give every column of the header a name.");
  const repeated = names.filter((name, i) => names.indexOf(name) !== i);
  if (repeated.length > 0)
    fail(`${file} has more than one column named ${list(repeated)}.`, "Make the names of the header unique.");
  const reserved = names.filter(
    (name) => reservedNames.has(name) || /^__c/.test(name) || name === "_row_number",
  );
  if (reserved.length > 0)
    fail(`${file} has a column named ${list(reserved)}, which Shoplake writes itself.`, "Rename the column.");
  if (names.length > most)
    fail(`${file} has ${names.length} columns.`, `At most ${most} are read; are the names really values?`);
}

function list(names: readonly string[]): string {
  return [...new Set(names)].map((name) => JSON.stringify(name)).join(", ");
}
