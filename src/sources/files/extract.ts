/** One extract: some files, checked and counted, as one table expression. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Column } from "../../engine/engine.ts";
import { ident, text } from "../../engine/sql.ts";
import { ShoplakeError } from "../../util/errors.ts";
import { makePrivateFolder } from "../../util/private-files.ts";
import type { BronzeState, Extract, RejectedInput, SourceContext } from "../source.ts";
import { namesAsProperties, namesOfTable } from "../stored-names.ts";
import { type CheckedFiles, checkFiles, settingsOf } from "./check/check.ts";
import { extractColumns } from "./check/columns.ts";
import { requireColumns, typedColumns, typedRead, withDeclared } from "./check/typed.ts";
import { type FilePlan, fileEntry, position, refusedEntry } from "./choose/plan.ts";
import type { HashedStoredFile } from "./list/hashed.ts";
import { hasChanged } from "./list/local.ts";
import { namedConfig, nameFiles } from "./named.ts";
import type { FilesTableConfig } from "./options.ts";
import { ownColumns } from "./own-columns.ts";
import type { CheckedFile } from "./unpack/plain-file.ts";

/** The files of one extract, and what is known before they are read. */
export interface ExtractWork {
  /** Options of the table, complete. */
  readonly config: FilesTableConfig;
  /** What bronze holds. */
  readonly state: BronzeState;
  /** Engine, spool, signal and warnings. */
  readonly context: SourceContext;
  /** Columns of the source so far; undefined before the first file. */
  readonly agreed: readonly Column[] | undefined;
  /** Properties of the bronze table so far. */
  readonly properties: Readonly<Record<string, string>>;
  /** What the plan says about files that bring no rows. */
  readonly apart: Pick<FilePlan, "retire" | "positions">;
  /** In the order of their paths. */
  readonly batch: readonly { readonly file: HashedStoredFile; readonly replaces: boolean }[];
}

/** Checks the files of the batch. Its folder in the spool lives until `dispose`. */
export async function extractOf(work: ExtractWork): Promise<Extract> {
  const folder = await newFolder(work.context);
  const dispose = () => rm(folder, { recursive: true, force: true });
  try {
    return { ...(await load(work, folder)), dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** A new folder in the task's spool. */
export async function newFolder({ spool }: SourceContext): Promise<string> {
  const folder = join(spool, `files-${crypto.randomUUID()}`);
  await makePrivateFolder(folder);
  return folder;
}

async function load(asked: ExtractWork, folder: string): Promise<Omit<Extract, "dispose">> {
  const { agreed, properties, state, context, apart, batch } = asked;
  const found = await checkFiles(
    batch.map(({ file }) => file),
    { config: asked.config, context, folder },
  );
  const loads = nameFiles(found, agreed && namesOfTable(agreed, properties), asked.config);
  const config = namedConfig(asked.config, loads.names);
  const work = { ...asked, config };
  const steady = await steadyFiles(batch, context);
  const sound = loads.checked.filter(({ plain }) => steady.has(plain.stored));
  const columns = columnsOf(work, sound);
  const settings = settingsOf(config);
  const { select, checked: used } =
    sound.length === 0
      ? { select: emptySelect(columns), checked: [] }
      : await typedRead(sound, { columns, config, context, settings });
  for (const checkedFile of used) checkShare(checkedFile, config.maxRejectedPercent);
  const replaced = batch
    .filter(({ file, replaces }) => replaces && steady.has(file.path) && !loads.refused.has(file.path))
    .map(({ file }) => file.path);
  const files = await filesInBronze([...apart.retire, ...replaced], state, context);
  return {
    label: labelOf(batch.map(({ file }) => file.path)),
    from: `(${select})`,
    settings,
    columns: [...columns, ...ownColumns],
    write: files.length === 0 ? { mode: "append" } : { mode: "replace_files", files },
    positions: { ...apart.positions, ...positionsOf(batch, steady, loads) },
    properties: namesAsProperties(loads.names),
    rows: used.reduce((sum, { rows }) => sum + rows, 0),
    rejected: rejectsOf(used, loads, steady),
  };
}

/** Columns of the extract with their declared types. */
function columnsOf({ config, context, agreed }: ExtractWork, files: readonly CheckedFile[]): Column[] {
  for (const file of files) requireColumns(file, config.types);
  const typed = files.map((file) => ({ ...file, columns: typedColumns(file.columns, config.types) }));
  const found = extractColumns(agreed, typed, { policy: config.schemaPolicy, warn: context.warn });
  return withDeclared(found, config.types);
}

/** Files that are still what was hashed. The others are read by the next run. */
async function steadyFiles(
  batch: ExtractWork["batch"],
  { warn }: SourceContext,
): Promise<ReadonlySet<string>> {
  const steady = new Set<string>();
  for (const { file } of batch)
    if (await hasChanged(file)) warn(`${file.path} changed while it was read: the next run takes it.`);
    else steady.add(file.path);
  return steady;
}

function checkShare({ plain, rows, rejected }: CheckedFile, most: number): void {
  const percent = rejected.length === 0 ? 0 : (100 * rejected.length) / (rows + rejected.length);
  if (percent <= most) return;
  const [first] = rejected;
  throw new ShoplakeError(
    "source",
    `${rejected.length} of ${rows + rejected.length} records of ${plain.file} cannot be read (${percent.toFixed(1)} %).`,
    {
      where: first?.sourceRef ?? plain.file,
      allowed: `at most ${most} % (maxRejectedPercent)`,
      hint: `The first one: ${first?.reason} Correct the file, or the source's options.`,
    },
  );
}

/** Values of `_file` that go away with these paths: members of an archive, too. */
async function filesInBronze(
  paths: readonly string[],
  { from }: BronzeState,
  { engine, signal }: SourceContext,
): Promise<string[]> {
  if (paths.length === 0 || from === undefined) return [...paths];
  const members = paths.map((path) => `startsWith(_file, ${text(`${path}!`)})`).join(" OR ");
  const found = await engine.rows<{ _file: string }>(`SELECT DISTINCT _file FROM ${from} WHERE ${members}`, {
    signal,
  });
  return [...paths, ...found.map(({ _file }) => _file)];
}

function positionsOf(
  batch: ExtractWork["batch"],
  steady: ReadonlySet<string>,
  { refused }: CheckedFiles,
): Record<string, number> {
  const entries = batch
    .filter(({ file }) => steady.has(file.path))
    .map(({ file: { path, hash } }) => [
      refused.has(path) ? refusedEntry(path) : fileEntry(path),
      position(hash),
    ]);
  return Object.fromEntries(entries) as Record<string, number>;
}

function rejectsOf(
  used: readonly CheckedFile[],
  loads: CheckedFiles,
  steady: ReadonlySet<string>,
): RejectedInput[] {
  const whole = loads.rejected.filter(({ sourceRef }) => steady.has(sourceRef.replace(/!.*$/s, "")));
  return [...whole, ...used.flatMap(({ rejected }) => rejected)];
}

function emptySelect(columns: readonly Column[]): string {
  const values = [...columns, ...ownColumns].map(
    ({ name, type }) => `defaultValueOfTypeName(${text(type)}) AS ${ident(name)}`,
  );
  return `SELECT ${values.join(", ")} WHERE 0`;
}

function labelOf(paths: readonly string[]): string {
  const [first = "files without new rows"] = paths;
  return paths.length < 2 ? first : `${first} to ${paths.at(-1)} (${paths.length} files)`;
}
