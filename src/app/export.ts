/** A version of a dataset as a file. */
import { createGzip } from "node:zlib";
import type { OpenedHost } from "../host/host.ts";
import { ShoplakeError } from "../util/errors.ts";
import { writeWhole } from "../util/write-file.ts";
import { publishedDataset } from "./datasets.ts";

/** ClickHouse formats by the ending of the file. */
const endings: Readonly<Record<string, string>> = {
  csv: "CSVWithNames",
  tsv: "TSVWithNames",
  jsonl: "JSONEachRow",
  ndjson: "JSONEachRow",
  parquet: "Parquet",
};

/** What is exported, and to where. */
export interface ExportRequest {
  /** As for `publishedDataset`. */
  readonly dataset: string;
  /** Default: the newest. */
  readonly version: number | undefined;
  /** Absolute. Its ending names the format; with .gz at the end it is compressed. */
  readonly file: string;
  /** Stops the export; nothing is left of it then. */
  readonly signal: AbortSignal;
}

/** What was exported. */
export interface Exported {
  /** Full name. */
  readonly dataset: string;
  /** Number of the version. */
  readonly version: number;
  /** Absolute. */
  readonly file: string;
  /** ClickHouse's name of it. */
  readonly format: string;
}

/** The format that the ending of a file names. Throws `usage` for one that names none. */
export function formatOf(file: string): string {
  const ending = /\.(\w+?)(\.gz)?$/.exec(file.toLowerCase())?.[1];
  const format = ending === undefined ? undefined : endings[ending];
  if (format !== undefined) return format;
  throw new ShoplakeError("usage", `the ending of ${file} names no format`, {
    allowed: `${Object.keys(endings)
      .map((each) => `.${each}`)
      .join(", ")}, each also with .gz`,
  });
}

/** Writes the file whole or not at all. Throws `usage` for what cannot be exported, `io` for a file that cannot be written. */
export async function exportDataset(host: OpenedHost, request: ExportRequest): Promise<Exported> {
  const { file, signal } = request;
  const format = formatOf(file);
  const { dataset, version, from } = await publishedDataset(host, request.dataset, request.version);
  const settings = { output_format_decimal_trailing_zeros: 1 };
  const rows = await host.engine.download(`SELECT * FROM ${from}`, format, { signal, settings });
  await writeWhole(file, file.toLowerCase().endsWith(".gz") ? [rows, createGzip()] : [rows], { signal });
  return { dataset, version, file, format };
}
