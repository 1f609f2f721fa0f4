/** From stored files to what the engine selects: prepared, checked, counted. */
import type { Column } from "../../engine/engine.ts";
import type { RejectedInput } from "../source.ts";
import type { FilesSourceConfig } from "./config.ts";
import { delimitedNames, delimitedSettings, loadDelimited } from "./delimited.ts";
import type { HashedStoredFile } from "./hashed.ts";
import { jsonNames, jsonSettings, loadJson } from "./json.ts";
import { isGone } from "./listing.ts";
import { loadParquet, parquetColumns, parquetSettings } from "./parquet.ts";
import { type Loadable, type Loaded, type Piece, refusal, UnusableFile } from "./piece.ts";
import { type Preparation, prepare } from "./prepare.ts";
import { typedColumns, typedSettings } from "./typed.ts";

export interface Loads {
  readonly loadables: readonly Loadable[];
  /** Rejects of files and members that cannot be used at all. */
  readonly rejected: readonly RejectedInput[];
  /** Paths of files of which nothing can be used. */
  readonly refused: ReadonlySet<string>;
}

/** Loads the files of one extract. A broken file becomes a reject, one that vanished is left out, the rest is thrown. */
export async function loadFiles(files: readonly HashedStoredFile[], to: Preparation): Promise<Loads> {
  const pieces: Piece[] = [];
  const rejected: RejectedInput[] = [];
  const broken = new Set<string>();
  for (const file of files.filter(({ size }) => size > 0)) {
    try {
      pieces.push(...(await prepare(file, file.hash, to)));
    } catch (error) {
      if (isGone(error)) continue;
      if (!(error instanceof UnusableFile)) throw error;
      rejected.push(refusal(file.path, error));
      broken.add(file.path);
    }
  }
  const { loadables, refused } = await load(pieces, to);
  for (const { piece, reject } of refused) {
    rejected.push(reject);
    broken.add(piece.stored);
  }
  for (const { piece } of loadables) broken.delete(piece.stored);
  return { loadables, rejected, refused: broken };
}

function load(pieces: readonly Piece[], to: Preparation): Promise<Loaded> {
  const { format } = to.config;
  if (format === "parquet") return loadParquet(pieces, to);
  return format === "csv" || format === "tsv" ? loadDelimited(pieces, to) : loadJson(pieces, to);
}

/** Columns of a piece for discovery; undefined when it has none or cannot be read. */
export async function columnsOf(piece: Piece, to: Preparation): Promise<readonly Column[] | undefined> {
  const { format, types } = to.config;
  if (format === "parquet") return typedColumns(await parquetColumns(piece, to), types);
  const names =
    format === "csv" || format === "tsv"
      ? await delimitedNames(piece, to)
      : await jsonNames(piece, to, 10_000);
  return names?.map((name) => ({ name, type: types[name] ?? "Nullable(String)" }));
}

/** Settings of every statement that reads the pieces. */
export function settingsOf(config: FilesSourceConfig): Readonly<Record<string, string | number>> {
  const ofTypes = Object.keys(config.types).length === 0 ? {} : typedSettings;
  return { ...formatSettings(config), ...ofTypes };
}

function formatSettings(config: FilesSourceConfig): Readonly<Record<string, string | number>> {
  if (config.format === "parquet") return parquetSettings;
  return config.format === "csv" || config.format === "tsv" ? delimitedSettings(config) : jsonSettings;
}
