/** Files as a sink. */

import type { Text } from "../../project/define.ts";
import { defineSink } from "../define.ts";

/** Options of a files sink. */
export interface FilesSinkSpec {
  /** Folder for the files, relative to the project or absolute. */
  readonly directory: Text;
  /** Format of the files, and the end of their names. */
  readonly format: "csv" | "parquet" | "jsonl";
  /** Selector of the datasets to write. Default "gold". */
  readonly select?: string;
}

/** Files of a folder as a sink. */
export const files = defineSink<FilesSinkSpec>("files", () => import("./kind.ts"));
