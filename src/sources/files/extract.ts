/** One extract: some files, checked and counted, as one table expression. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Column } from "../../engine/engine.ts";
import { ident, text } from "../../engine/sql.ts";
import { ShoplakeError } from "../../util/errors.ts";
import { makePrivateFolder } from "../../util/private-files.ts";
import type { BronzeState, Extract, SourceContext } from "../source.ts";
import { namesAsProperties, namesOfTable } from "../stored-names.ts";
import { agreeOnFiles } from "./check/agree.ts";
import { checkFiles, settingsOf } from "./check/check.ts";
import { typedRead } from "./check/typed.ts";
import { type FilePlan, fileEntry, position, refusedEntry } from "./choose/plan.ts";
import type { HashedStoredFile } from "./list/hashed.ts";
import { hasChanged } from "./list/local.ts";
import { namedConfig, nameFiles } from "./named.ts";
import type { FilesTableConfig } from "./options.ts";
import { ownColumns } from "./own-columns.ts";
import { type CheckedFile, lacksMemory, type RefusedFile, refusal } from "./unpack/plain-file.ts";

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

/** An extract of files, and why files that were left out cannot be used. */
export interface FilesExtract extends Extract {
  /** True when at least one of its files can be used. */
  readonly usable: boolean;
  /** The first error that would stop the task if it were the only file; undefined: none. */
  readonly fault: ShoplakeError | undefined;
}

/** Checks the files of the batch. Its folder in the spool lives until `dispose`. */
export async function extractOf(work: ExtractWork): Promise<FilesExtract> {
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

async function load(asked: ExtractWork, folder: string): Promise<Omit<FilesExtract, "dispose">> {
  const { agreed, properties, state, context, apart, batch } = asked;
  const found = await checkFiles(
    batch.map(({ file }) => file),
    { config: asked.config, context, folder },
  );
  const loads = nameFiles(found, agreed && namesOfTable(agreed, properties), asked.config);
  const config = namedConfig(asked.config, loads.names);
  const work = { ...asked, config };
  const steady = await steadyFiles(batch, context);
  const { columns, fitting, unfit } = agreeOnFiles(
    loads.checked.filter(({ plain }) => steady.has(plain.stored)),
    work,
  );
  const settings = settingsOf(config);
  const { select, checked: used } =
    fitting.length === 0
      ? { select: emptySelect(columns), checked: [] }
      : await typedRead(fitting, { columns, config, context, settings });
  for (const checkedFile of used) checkShare(checkedFile, config.maxRejectedPercent);
  const refused = [...loads.refused, ...unfit].filter(({ plain }) => steady.has(plain.stored));
  const broken = brokenPaths(refused, used);
  const replaced = batch
    .filter(({ file, replaces }) => replaces && steady.has(file.path) && !broken.has(file.path))
    .map(({ file }) => file.path);
  const files = await filesInBronze([...apart.retire, ...replaced], state, context);
  const taken = batch.filter(({ file }) => steady.has(file.path) && !isOpen(file.path, refused, columns));
  return {
    label: labelOf(batch.map(({ file }) => file.path)),
    from: `(${select})`,
    settings,
    columns: [...columns, ...ownColumns],
    write: files.length === 0 ? { mode: "append" } : { mode: "replace_files", files },
    positions: { ...apart.positions, ...positionsOf(taken, broken) },
    properties: namesAsProperties(loads.names),
    rows: used.reduce((sum, { rows }) => sum + rows, 0),
    rejected: [...refused.map(refusal), ...used.flatMap(({ rejected }) => rejected)],
    usable: used.length > 0,
    fault: refused.find(({ problem }) => problem.fault !== undefined)?.problem.fault,
  };
}

/** Paths of files of which nothing can be used: of an archive no member. */
function brokenPaths(refused: readonly RefusedFile[], used: readonly CheckedFile[]): ReadonlySet<string> {
  const usable = new Set(used.map(({ plain }) => plain.stored));
  return new Set(refused.map(({ plain }) => plain.stored).filter((path) => !usable.has(path)));
}

/**
 * True for a file that the next run looks at again though it did not change: the engine had too little memory for it, or the
 * table has no columns yet, and the task fails until a file can be used.
 */
function isOpen(path: string, refused: readonly RefusedFile[], columns: readonly Column[]): boolean {
  return refused.some(
    ({ plain, problem: { fault } }) =>
      plain.stored === path && fault !== undefined && (columns.length === 0 || lacksMemory(fault)),
  );
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

function positionsOf(batch: ExtractWork["batch"], broken: ReadonlySet<string>): Record<string, number> {
  const entries = batch.map(({ file: { path, hash } }) => [
    broken.has(path) ? refusedEntry(path) : fileEntry(path),
    position(hash),
  ]);
  return Object.fromEntries(entries) as Record<string, number>;
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
