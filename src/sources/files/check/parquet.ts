/** Parquet files keep their types. */
import type { Column } from "../../../engine/engine.ts";
import { ident, text } from "../../../engine/sql.ts";
import { ShoplakeError } from "../../../util/errors.ts";
import {
  type CheckedAll,
  type CheckedFile,
  eachFile,
  type PlainFile,
  UnusableFile,
} from "../unpack/plain-file.ts";
import type { ReadContext } from "../unpack/unpack.ts";
import { checkNames } from "./names.ts";

/** Row numbers come from the row groups' metadata, so reading in parallel keeps them exact. */
export const parquetSettings = { input_format_parquet_allow_missing_columns: 0 };

/** Columns with the types of the file; simple ones nullable, because another file may lack them. */
export async function parquetColumns(plain: PlainFile, { context }: ReadContext): Promise<readonly Column[]> {
  const found = await context.engine
    .rows<Column>(`DESCRIBE file(${text(plain.path)}, 'Parquet')`, { signal: context.signal })
    .catch((error: unknown) => {
      context.signal.throwIfAborted();
      if (!(error instanceof ShoplakeError) || error.retryable) throw error;
      throw new UnusableFile("unreadable_file", `The file is no readable Parquet file: ${error.message}.`);
    });
  return found.map(({ name, type }) => ({ name, type: nullable(type) }));
}

/** Files with their counts, from the metadata alone: no row is read. */
export async function checkParquet(plainFiles: readonly PlainFile[], to: ReadContext): Promise<CheckedAll> {
  const refused: CheckedAll["refused"][number][] = [];
  const items = plainFiles.map((plain) => ({ plain }));
  return { checked: await eachFile(items, refused, ({ plain }) => loadOne(plain, to)), refused };
}

async function loadOne(plain: PlainFile, to: ReadContext): Promise<CheckedFile> {
  const columns = await parquetColumns(plain, to);
  const names = columns.map(({ name }) => name.trim());
  checkNames(plain.file, names, ["_row_number"]);
  const [metadata] = await to.context.engine.rows<{ rows: string }>(
    `SELECT num_rows AS rows FROM file(${text(plain.path)}, 'ParquetMetadata')`,
    { signal: to.context.signal },
  );
  return {
    plain,
    columns: columns.map(({ type }, i) => ({ name: names[i] ?? "", type })),
    expressions: new Map(columns.map(({ name }, i) => [names[i] ?? name, ident(name)])),
    row: "toInt64(_row_number + 1)",
    from: `file(${text(plain.path)}, 'Parquet')`,
    rows: Number(metadata?.rows ?? 0),
    rejected: [],
  };
}

function nullable(type: string): string {
  return /^(Nullable|Array|Map|Tuple|LowCardinality|Variant|Dynamic|JSON|Nested|Nothing)\b/.test(type)
    ? type
    : `Nullable(${type})`;
}
