/** Lines of a model's header, looked up again only when there is a problem to report. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Path } from "./issues.ts";
import { readSqlFile } from "./sql-file.ts";

/** The line of a key of the header of `file`; undefined when the file is gone. */
export function headerLine(dir: string, file: string, path: Path): number | undefined {
  try {
    return readSqlFile(file, readFileSync(join(dir, file), "utf8")).header.lineOf(path);
  } catch {
    return undefined;
  }
}
