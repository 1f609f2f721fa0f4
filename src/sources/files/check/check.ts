/** From stored files to what the engine selects: prepared, checked, counted. */
import type { Column } from "../../../engine/engine.ts";
import type { HashedStoredFile } from "../list/hashed.ts";
import { isGone } from "../list/local.ts";
import type { FilesTableConfig } from "../options.ts";
import { type CheckedAll, fileFault, type PlainFile, type RefusedFile } from "../unpack/plain-file.ts";
import { type ReadContext, unpack } from "../unpack/unpack.ts";
import { checkDelimited, delimitedSettings } from "./delimited.ts";
import { delimitedNames } from "./delimited-header.ts";
import { checkJson, jsonNames, jsonSettings } from "./json.ts";
import { checkParquet, parquetColumns, parquetSettings } from "./parquet.ts";
import { typedSettings } from "./typed.ts";

/**
 * Checks the files of one extract. A file or member of an archive that cannot be used is set aside, one that vanished is left out.
 * Throws only what is no fault of a file.
 */
export async function checkFiles(files: readonly HashedStoredFile[], to: ReadContext): Promise<CheckedAll> {
  const plainFiles: PlainFile[] = [];
  const broken: RefusedFile[] = [];
  for (const file of files.filter(({ size }) => size > 0)) {
    try {
      plainFiles.push(...(await unpack(file, file.hash, to)));
    } catch (error) {
      to.context.signal.throwIfAborted();
      if (isGone(error)) continue;
      broken.push({ plain: { stored: file.path, file: file.path }, problem: fileFault(error) });
    }
  }
  const { checked, refused } = await load(plainFiles, to);
  return { checked, refused: [...broken, ...refused] };
}

function load(plainFiles: readonly PlainFile[], to: ReadContext): Promise<CheckedAll> {
  const { format } = to.config;
  if (format === "parquet") return checkParquet(plainFiles, to);
  return format === "csv" || format === "tsv" ? checkDelimited(plainFiles, to) : checkJson(plainFiles, to);
}

/** Columns of a file for discovery, as received; undefined when it has none or cannot be read. */
export async function columnsOf(plain: PlainFile, to: ReadContext): Promise<readonly Column[] | undefined> {
  const { format } = to.config;
  if (format === "parquet")
    return (await parquetColumns(plain, to)).map(({ name, type }) => ({ name: name.trim(), type }));
  const names =
    format === "csv" || format === "tsv"
      ? await delimitedNames(plain, to)
      : await jsonNames(plain, to, 10_000);
  return names?.map((name) => ({ name, type: "Nullable(String)" }));
}

/** Settings of every statement that reads the files. */
export function settingsOf(config: FilesTableConfig): Readonly<Record<string, string | number>> {
  const ofTypes = Object.keys(config.types).length === 0 ? {} : typedSettings;
  return { ...formatSettings(config), ...ofTypes };
}

function formatSettings(config: FilesTableConfig): Readonly<Record<string, string | number>> {
  if (config.format === "parquet") return parquetSettings;
  return config.format === "csv" || config.format === "tsv" ? delimitedSettings(config) : jsonSettings;
}
