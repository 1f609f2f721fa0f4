/** Columns of an extract, and which of its files fit them. */
import type { Column } from "../../../engine/engine.ts";
import type { SourceContext } from "../../source.ts";
import type { FilesTableConfig } from "../options.ts";
import { type CheckedFile, type RefusedFile, UnusableFile } from "../unpack/plain-file.ts";
import { extractColumns } from "./columns.ts";
import { requireColumns, typedColumns, withDeclared } from "./typed.ts";

/** What files are compared with. */
export interface AgreedSoFar {
  /** Options of the table. */
  readonly config: FilesTableConfig;
  /** Is told about columns that are left out. */
  readonly context: Pick<SourceContext, "warn">;
  /** Columns of the source so far; undefined before the first file. */
  readonly agreed: readonly Column[] | undefined;
}

/** What became of the files of an extract. */
export interface AgreedFiles {
  /** Columns of the extract with their declared types. */
  readonly columns: readonly Column[];
  /** The files that have them. */
  readonly fitting: readonly CheckedFile[];
  /** Those that lack a column, or have it with another type. */
  readonly unfit: readonly RefusedFile[];
}

/**
 * Sets aside the files whose columns do not fit. Throws a `source` error for what the options forbid: any change under
 * `schemaPolicy: "fail"`, a declared type that is not the one that bronze has.
 */
export function agreeOnFiles(files: readonly CheckedFile[], so: AgreedSoFar): AgreedFiles {
  const quiet = { ...so, context: { warn: () => undefined } };
  const fitting: CheckedFile[] = [];
  const unfit: RefusedFile[] = [];
  if (fault(files, quiet) === undefined) fitting.push(...files);
  else
    for (const file of files) {
      const problem = fault([...fitting, file], quiet);
      if (problem === undefined) fitting.push(file);
      else unfit.push({ plain: file.plain, problem });
    }
  return { columns: columnsOf(fitting, so), fitting, unfit };
}

/** What is wrong with one of the files; undefined when all of them fit. */
function fault(files: readonly CheckedFile[], so: AgreedSoFar): UnusableFile | undefined {
  try {
    columnsOf(files, so);
    return undefined;
  } catch (error) {
    if (error instanceof UnusableFile) return error;
    throw error;
  }
}

function columnsOf(
  files: readonly CheckedFile[],
  { config: { types, schemaPolicy }, context, agreed }: AgreedSoFar,
): Column[] {
  for (const file of files) requireColumns(file, types);
  const typed = files.map((file) => ({ ...file, columns: typedColumns(file.columns, types) }));
  const found = extractColumns(agreed, typed, { policy: schemaPolicy, types, warn: context.warn });
  return withDeclared(found, types);
}
