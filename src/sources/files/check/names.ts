/** Names a file gives its columns. */
import { ShoplakeError } from "../../../util/errors.ts";
import { fileFault } from "../unpack/plain-file.ts";

/** Columns that a file may have. */
export const mostNames = 2000;

/** Throws UnusableFile for what `nameFault` finds. */
export function checkNames(file: string, names: readonly string[], ofReader: readonly string[] = []): void {
  const fault = nameFault(file, names, ofReader);
  if (fault !== undefined) throw fileFault(fault);
}

/**
 * What is wrong with the names, as a `source` error: empty and repeated ones, those of `ofReader`, which how the file is read takes
 * itself, and what is no text; undefined when all is well.
 */
export function nameFault(
  file: string,
  names: readonly string[],
  ofReader: readonly string[] = [],
): ShoplakeError | undefined {
  const fault = (message: string, hint: string) =>
    new ShoplakeError("source", message, { where: file, hint });
  const empty = names.flatMap((name, i) => (name === "" ? [i + 1] : []));
  if (empty.length > 0)
    return fault(
      `Column ${empty.join(", ")} of ${file} has no name.`,
      "Give every column of the header a name.",
    );
  const repeated = names.filter((name, i) => names.indexOf(name) !== i);
  if (repeated.length > 0)
    return fault(
      `${file} has more than one column named ${list(repeated)}.`,
      "Make the names of the header unique.",
    );
  const reserved = names.filter((name) => ofReader.includes(name));
  if (reserved.length > 0)
    return fault(
      `${file} has a column named ${list(reserved)}, which its reader writes itself.`,
      "Rename the column.",
    );
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  const binary = names.findIndex((name) => /[\0-\x08\x0e-\x1f]/.test(name));
  if (binary >= 0)
    return fault(
      `The name of column ${binary + 1} of ${file} holds control characters.`,
      "Is the file text?",
    );
  if (names.length > mostNames)
    return fault(
      `${file} has ${names.length} columns.`,
      `At most ${mostNames} are read; are the names really values?`,
    );
  return undefined;
}

function list(names: readonly string[]): string {
  return [...new Set(names)].map((name) => JSON.stringify(name)).join(", ");
}
