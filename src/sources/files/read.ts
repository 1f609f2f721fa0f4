/** Reads a table of files: list, choose what is new, then unpack and check it extract by extract. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { ShoplakeError } from "../../util/errors.ts";
import type { BronzeState, Extract, SourceContext, SourceTable } from "../source.ts";
import { agreedColumns } from "./check/columns.ts";
import { typedColumns, withDeclared } from "./check/typed.ts";
import { batches } from "./choose/batches.ts";
import { type FilePlan, planFiles } from "./choose/plan.ts";
import { discover } from "./discover.ts";
import { extractOf, newFolder } from "./extract.ts";
import { noCache, openCache } from "./list/hash.ts";
import { type HashedStoredFile, hashedFiles } from "./list/hashed.ts";
import { listFiles } from "./list/list.ts";
import { describedNames, namedConfig } from "./named.ts";
import type { FilesTableConfig } from "./options.ts";
import { ownColumns } from "./own-columns.ts";

/** The table as its files are now. */
export async function describeTable(config: FilesTableConfig, context: SourceContext): Promise<SourceTable> {
  const files = await listFiles(config, context);
  const found = await withFolder(context, (folder) => discover(files, { config, context, folder }));
  const described = describedNames(found, config, context.warn);
  const { table: name, key, cursor, types } = namedConfig(config, described.names);
  const known = new Set(described.columns.map((column) => column.name));
  const named = new Set([...key, ...(cursor === undefined ? [] : [cursor]), ...Object.keys(types)]);
  const unknown = [...named].filter((column) => !known.has(column));
  const columns = withDeclared(typedColumns(described.columns, types), types);
  if (columns.length > 0 && unknown.length > 0)
    context.warn(`${config.path}: no file has the column ${unknown.join(", ")} of the source's options.`);
  return {
    name,
    key,
    columns: columns.length === 0 ? [] : [...columns, ...ownColumns],
    ...(cursor === undefined ? {} : { cursor }),
  };
}

async function withFolder<T>(context: SourceContext, use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await newFolder(context);
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** One table to read. */
export interface FilesTask {
  /** Name of the file that remembers hashes. */
  readonly cacheName: string;
  /** Options of the table. */
  readonly config: FilesTableConfig;
  /** The system's clock. */
  readonly now: () => Date;
}

/**
 * Everything that bronze does not hold yet, extract by extract. When none of the new files can be used, throws at the end what is
 * wrong with the first one: their rejects are in quarantine by then.
 */
export async function* readFiles(
  task: FilesTask,
  state: BronzeState,
  context: SourceContext,
): AsyncGenerator<Extract> {
  const present = await presentFiles(task, context);
  const plan = planFiles(present, state.positions, takenAgain(present, state, context));
  warnOfCopies(plan, context);
  const recordsOnly = plan.take.length === 0 && Object.keys(plan.positions).length > 0;
  let apart: Pick<FilePlan, "retire" | "positions"> = plan;
  let agreed = agreedColumns(state.columns);
  let properties = state.properties ?? {};
  let usable = false;
  let fault: ShoplakeError | undefined;
  for (const batch of recordsOnly ? [[]] : batches(plan.take)) {
    const extract = await extractOf({
      config: task.config,
      state,
      context,
      agreed,
      properties,
      apart,
      batch,
    });
    properties = { ...properties, ...extract.properties };
    usable ||= extract.usable;
    fault ??= extract.fault;
    agreed = agreedColumns(extract.columns) ?? agreed;
    apart = { retire: [], positions: {} };
    yield extract;
  }
  if (!usable && fault !== undefined) throw fault;
}

/** The files that hold one of the places which shall be read once more; says which of these are not there. */
function takenAgain(
  present: readonly HashedStoredFile[],
  { again = [], reload }: BronzeState,
  { warn }: SourceContext,
): (path: string) => boolean {
  if (reload === true) return () => true;
  const wanted = new Set(again.map((place) => place.replace(/!.*$/s, "")));
  const there = new Set(present.map(({ path }) => path));
  const gone = [...wanted].filter((path) => !there.has(path));
  for (const path of gone.slice(0, 10)) warn(`${path} is not there any more: it cannot be read again.`);
  if (gone.length > 10) warn(`${gone.length - 10} more files are not there any more.`);
  return (path) => wanted.has(path);
}

async function presentFiles(
  { cacheName, config, now }: FilesTask,
  context: SourceContext,
): Promise<HashedStoredFile[]> {
  const { cacheDir } = context;
  const cache = cacheDir === undefined ? noCache : await openCache(join(cacheDir, `${cacheName}.json`));
  const present = await hashedFiles(await listFiles(config, context), cache, now, context);
  await cache.save();
  return present;
}

function warnOfCopies({ copies }: FilePlan, { warn }: SourceContext): void {
  for (const { path, of } of copies.slice(0, 10))
    warn(`${path} has the same content as ${of}, which was taken already: skipped.`);
  if (copies.length > 10)
    warn(`${copies.length - 10} more files have a content that was taken already: skipped.`);
}
