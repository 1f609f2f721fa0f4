/** Names a file gives its columns. */
import { ShoplakeError } from "../../../util/errors.ts";

const most = 2000;

/** Throws a `source` error that names empty and repeated names, and those of `ofReader`: how the file is read takes them itself. */
export function checkNames(file: string, names: readonly string[], ofReader: readonly string[] = []): void {
  const fail = (message: string, hint: string) => {
    throw new ShoplakeError("source", message, { where: file, hint });
  };
  const empty = names.flatMap((name, i) => (name === "" ? [i + 1] : []));
  if (empty.length > 0)
    fail(`Column ${empty.join(", ")} of ${file} has no name.`, "Give every column of the header a name.");
  const repeated = names.filter((name, i) => names.indexOf(name) !== i);
  if (repeated.length > 0)
    fail(`${file} has more than one column named ${list(repeated)}.`, "Make the names of the header unique.");
  const reserved = names.filter((name) => ofReader.includes(name));
  if (reserved.length > 0)
    fail(
      `${file} has a column named ${list(reserved)}, which its reader writes itself.`,
      "Rename the column.",
    );
  if (names.length > most)
    fail(`${file} has ${names.length} columns.`, `At most ${most} are read; are the names really values?`);
}

function list(names: readonly string[]): string {
  return [...new Set(names)].map((name) => JSON.stringify(name)).join(", ");
}
