/** Columns of the files that are there, for planning; a load looks at every file again. */
import type { Column } from "../../engine/engine.ts";
import type { StoredFile } from "./listing.ts";
import { columnsOf } from "./load.ts";
import { UnusableFile } from "./piece.ts";
import { type Preparation, prepare } from "./prepare.ts";

/** Files that are looked at: the first and the last ones by path. */
const most = 16;

/** Columns in order of appearance. Broken files are left to the load, which puts them into quarantine. */
export async function discover(files: readonly StoredFile[], to: Preparation): Promise<Column[]> {
  const some = files.length <= most ? files : [...files.slice(0, most / 2), ...files.slice(-most / 2)];
  const columns = new Map<string, string>();
  for (const file of some.filter(({ size }) => size > 0)) {
    try {
      for (const piece of await prepare(file, undefined, to))
        for (const { name, type } of (await columnsOf(piece, to)) ?? [])
          if (!columns.has(name)) columns.set(name, type);
    } catch (error) {
      if (!(error instanceof UnusableFile)) throw error;
    }
  }
  return [...columns].map(([name, type]) => ({ name, type }));
}
