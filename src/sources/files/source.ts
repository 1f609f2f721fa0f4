/** Files of folders or of an S3 bucket as tables: each content once, in any order of arrival. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { ShoplakeError } from "../../util/errors.ts";
import type { BronzeState, Extract, Source, SourceContext, SourceTable } from "../source.ts";
import { agreedColumns } from "./check/columns.ts";
import { withDeclared } from "./check/typed.ts";
import { batches } from "./choose/batches.ts";
import { type FilePlan, planFiles } from "./choose/plan.ts";
import {
  checkConfig,
  type FilesSourceConfig,
  type FilesTablesConfig,
  ownColumns,
  tableConfigs,
} from "./config.ts";
import { discover } from "./discover.ts";
import { extractOf, newFolder } from "./extract.ts";
import { noCache, openCache } from "./list/hash.ts";
import { type HashedStoredFile, hashedFiles } from "./list/hashed.ts";
import { listLocal, type StoredFile } from "./list/local.ts";
import { listS3 } from "./list/s3.ts";

export type { FilesSourceConfig, FilesTablesConfig } from "./config.ts";

export interface FilesEffects {
  /** Default: the system's clock. Only decides whether the hash of a file that was just written may be remembered. */
  readonly now: () => Date;
}

/** A source of files. Throws `config` when the engine's reader cannot do what the options ask for. */
export function filesSource(
  name: string,
  config: FilesSourceConfig | FilesTablesConfig,
  effects: FilesEffects = systemEffects,
): Source {
  const configs = tableConfigs(config);
  for (const each of configs.values()) checkConfig(name, each);
  return {
    kind: "files",
    schemaPolicy: config.schemaPolicy,
    async tables(context) {
      const found: SourceTable[] = [];
      for (const each of configs.values())
        found.push(await describeTable(each, await listFiles(each, context), context));
      return found;
    },
    read({ name: table }, state, context) {
      const own = configs.get(table);
      if (own === undefined) throw new Error(`unreachable: the source ${name} has no table ${table}`);
      const cacheName = "tables" in config ? `files-${name}_${table}` : `files-${name}`;
      return readFiles({ cacheName, config: own, effects }, state, context);
    },
    close: async () => {},
  };
}

const systemEffects: FilesEffects = { now: () => new Date() };

function listFiles(config: FilesSourceConfig, context: SourceContext): Promise<StoredFile[]> {
  if (!config.path.startsWith("s3://")) return listLocal(config.path, context.projectDir);
  if (config.s3 === undefined)
    throw new ShoplakeError("config", `${config.path} needs the \`s3\` options.`, {
      allowed: "endpoint, region, accessKeyId, secretAccessKey",
    });
  return listS3(config.path, config.s3, context.signal);
}

async function describeTable(
  config: FilesSourceConfig,
  files: readonly StoredFile[],
  context: SourceContext,
): Promise<SourceTable> {
  const { table: name, key, cursor, types } = config;
  const found = await withFolder(context, (folder) => discover(files, { config, context, folder }));
  const known = new Set(found.map((column) => column.name));
  const named = new Set([...key, ...(cursor === undefined ? [] : [cursor]), ...Object.keys(types)]);
  const unknown = [...named].filter((column) => !known.has(column));
  const columns = withDeclared(found, types);
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

interface Task {
  readonly cacheName: string;
  readonly config: FilesSourceConfig;
  readonly effects: FilesEffects;
}

async function* readFiles(task: Task, state: BronzeState, context: SourceContext): AsyncGenerator<Extract> {
  const present = await presentFiles(task, context);
  const plan = planFiles(present, state.positions, takenAgain(present, state, context));
  warnOfCopies(plan, context);
  const recordsOnly = plan.take.length === 0 && Object.keys(plan.positions).length > 0;
  let apart: Pick<FilePlan, "retire" | "positions"> = plan;
  let agreed = agreedColumns(state.columns);
  for (const batch of recordsOnly ? [[]] : batches(plan.take)) {
    const extract = await extractOf({ config: task.config, state, context, agreed, apart, batch });
    agreed = agreedColumns(extract.columns) ?? agreed;
    apart = { retire: [], positions: {} };
    yield extract;
  }
}

/** The files that hold one of the places which shall be read once more; says which of these are not there. */
function takenAgain(
  present: readonly HashedStoredFile[],
  { again = [] }: BronzeState,
  { warn }: SourceContext,
): (path: string) => boolean {
  const wanted = new Set(again.map((place) => place.replace(/!.*$/s, "")));
  const there = new Set(present.map(({ path }) => path));
  const gone = [...wanted].filter((path) => !there.has(path));
  for (const path of gone.slice(0, 10)) warn(`${path} is not there any more: it cannot be read again.`);
  if (gone.length > 10) warn(`${gone.length - 10} more files are not there any more.`);
  return (path) => wanted.has(path);
}

async function presentFiles(
  { cacheName, config, effects }: Task,
  context: SourceContext,
): Promise<HashedStoredFile[]> {
  const { cacheDir } = context;
  const cache = cacheDir === undefined ? noCache : await openCache(join(cacheDir, `${cacheName}.json`));
  const present = await hashedFiles(await listFiles(config, context), cache, effects.now, context);
  await cache.save();
  return present;
}

function warnOfCopies({ copies }: FilePlan, { warn }: SourceContext): void {
  for (const { path, of } of copies.slice(0, 10))
    warn(`${path} has the same content as ${of}, which was taken already: skipped.`);
  if (copies.length > 10)
    warn(`${copies.length - 10} more files have a content that was taken already: skipped.`);
}
