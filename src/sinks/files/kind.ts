/** The kind `files` of sinks. */
import { normalize } from "node:path";
import { sinkKind } from "../kind.ts";
import { type FilesSinkConfig, fileOf, options } from "./options.ts";
import { filesSink } from "./sink.ts";

/** Files of a folder, one for each dataset. */
export const kind = sinkKind<FilesSinkConfig>({
  kind: "files",
  options,
  place: ({ directory, format }) => `${format} files in ${normalize(`${directory}/`)}`,
  describe: ({ directory, format }) => `${format} files in ${directory}`,
  target: fileOf,
  open: filesSink,
});
