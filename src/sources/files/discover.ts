/** Columns of the files that are there, for planning; a load looks at every file again. */
import type { Column } from "../../engine/engine.ts";
import { columnsOf } from "./check/check.ts";
import { isGone, type StoredFile } from "./list/local.ts";
import { fileFault } from "./unpack/plain-file.ts";
import { type ReadContext, unpack } from "./unpack/unpack.ts";

/** Files that are looked at: the first and the last ones by path. */
const most = 16;

/** Columns of each file that was looked at, as received. Broken files are left to the load, which puts them into quarantine. */
export async function discover(
  files: readonly StoredFile[],
  to: ReadContext,
): Promise<(readonly Column[])[]> {
  const some = files.length <= most ? files : [...files.slice(0, most / 2), ...files.slice(-most / 2)];
  const found: (readonly Column[])[] = [];
  for (const file of some.filter(({ size }) => size > 0)) {
    try {
      for (const plain of await unpack(file, undefined, to)) found.push((await columnsOf(plain, to)) ?? []);
    } catch (error) {
      if (!isGone(error)) fileFault(error);
    }
  }
  return found;
}
