/** From stored files to what the engine selects: prepared, checked, counted. */
import type { Column } from "../../../engine/engine.ts";
import type { RejectedInput } from "../../source.ts";
import type { HashedStoredFile } from "../list/hashed.ts";
import { isGone } from "../list/local.ts";
import type { FilesTableConfig } from "../options.ts";
import {
  type CheckedAll,
  type CheckedFile,
  type PlainFile,
  refusal,
  UnusableFile,
} from "../unpack/plain-file.ts";
import { type ReadContext, unpack } from "../unpack/unpack.ts";
import { checkDelimited, delimitedNames, delimitedSettings } from "./delimited.ts";
import { checkJson, jsonNames, jsonSettings } from "./json.ts";
import { checkParquet, parquetColumns, parquetSettings } from "./parquet.ts";
import { typedSettings } from "./typed.ts";

/** What can be used of the files of one extract. */
export interface CheckedFiles {
  /** Files that the extract can select from. */
  readonly checked: readonly CheckedFile[];
  /** Rejects of files and members that cannot be used at all. */
  readonly rejected: readonly RejectedInput[];
  /** Paths of files of which nothing can be used. */
  readonly refused: ReadonlySet<string>;
}

/** Checks the files of one extract. A broken file becomes a reject, one that vanished is left out, the rest is thrown. */
export async function checkFiles(files: readonly HashedStoredFile[], to: ReadContext): Promise<CheckedFiles> {
  const plainFiles: PlainFile[] = [];
  const rejected: RejectedInput[] = [];
  const broken = new Set<string>();
  for (const file of files.filter(({ size }) => size > 0)) {
    try {
      plainFiles.push(...(await unpack(file, file.hash, to)));
    } catch (error) {
      if (isGone(error)) continue;
      if (!(error instanceof UnusableFile)) throw error;
      rejected.push(refusal(file.path, error));
      broken.add(file.path);
    }
  }
  const { checked, refused } = await load(plainFiles, to);
  for (const { plain, reject } of refused) {
    rejected.push(reject);
    broken.add(plain.stored);
  }
  for (const { plain } of checked) broken.delete(plain.stored);
  return { checked, rejected, refused: broken };
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
