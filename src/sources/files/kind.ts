/** The kind `files` of sources. */
import { sourceKind } from "../kind.ts";
import { type FilesSourceConfig, options, tableConfigs } from "./options.ts";
import { filesSource } from "./source.ts";

/** Files of folders or of an S3 bucket. */
export const kind = sourceKind<FilesSourceConfig>({
  kind: "files",
  options,
  tables: (config) => [...tableConfigs(config)].map(([name, { key, cursor }]) => ({ name, key, cursor })),
  describe: ({ format, path }) => `${format} files ${path}`,
  open: (name, config) => filesSource(name, config),
});
