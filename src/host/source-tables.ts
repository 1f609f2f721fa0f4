/** Which tables the sources of a project have, and with which columns. */
import { bronzeName } from "../api/datasets.ts";
import type { Column } from "../engine/engine.ts";
import { tablesOf } from "../engine/introspect.ts";
import type { Adapters, Catalogue } from "../pipeline/index.ts";
import { addedColumns } from "../pipeline/index.ts";
import { bronzeTables } from "../project/bronze-tables.ts";
import type { Project } from "../project/project.ts";
import type { SourceTable } from "../sources/source.ts";
import { isLostEngine, messageOf } from "../util/errors.ts";
import { ownerSpool } from "../util/spool.ts";
import type { OpenedHost } from "./host.ts";

/** Tables of every source, by source name. */
export type SourceTables = Catalogue["tables"];

/** Columns of bronze datasets by name; [] of one that nobody knows yet. */
export type BronzeColumns = Readonly<Record<string, readonly Column[]>>;

/** Where tables and columns of sources are looked up. */
export interface Inquiry {
  /** Whose lake tells what there is. */
  readonly host: OpenedHost;
  /** Whose sources they are. */
  readonly project: Project;
  /** Undefined: the sources are not asked; the configuration and the lake tell what there is. */
  readonly adapters: Adapters | undefined;
  /** Stops the asking. */
  readonly signal: AbortSignal;
  /** What sources have said, by name: each is asked once. */
  readonly answers: Map<string, Promise<readonly SourceTable[] | undefined>>;
}

/**
 * The tables that the configuration names. A source of all tables ("*") is asked; when it does not answer, a warning says so
 * and the lake and the models tell which tables there are.
 */
export async function sourceTables(inquiry: Inquiry): Promise<SourceTables> {
  const declared = bronzeTables(inquiry.project.sources);
  const tables: Record<string, readonly SourceTable[]> = {};
  const owners = new Map(declared.map(({ dataset, source }) => [dataset, source]));
  for (const source of Object.keys(inquiry.project.sources)) {
    const names = declared.filter((table) => table.source === source).map(({ table }) => table);
    tables[source] = names.includes("*")
      ? ownTables(source, await allTables(inquiry, source, names), owners, inquiry.host.warn)
      : names.map(bare);
  }
  return tables;
}

/**
 * The tables whose datasets no other source fills (table c of source a_b is bronze.a_b_c, and so is table b_c of a); of the others
 * `warn` is told. `owners`: dataset -> its source, so far; these tables are added.
 */
export function ownTables(
  source: string,
  tables: readonly SourceTable[],
  owners: Map<string, string>,
  warn: (message: string) => void,
): readonly SourceTable[] {
  return tables.filter(({ name }) => {
    const dataset = bronzeName(source, name);
    const owner = owners.get(dataset) ?? source;
    owners.set(dataset, owner);
    if (owner === source) return true;
    warn(
      `source ${source}: the table ${name} is left out, because ${dataset} is filled by the source ${owner}. Give one of the sources another name.`,
    );
    return false;
  });
}

/** A source of which nothing at all is known keeps the table "*": its task tells why. */
async function allTables(
  inquiry: Inquiry,
  source: string,
  declared: readonly string[],
): Promise<readonly SourceTable[]> {
  const asked = await describe(inquiry, source);
  if (asked !== undefined) return asked;
  const known = await knownTables(inquiry, source);
  const names = declared.flatMap((name) => (name === "*" ? known : [name]));
  return (names.length === 0 && inquiry.adapters !== undefined ? ["*"] : names).map(bare);
}

/** Tables that the lake holds or that models read, and that no configuration names. */
async function knownTables({ host, project }: Inquiry, source: string): Promise<readonly string[]> {
  const prefix = bronzeName(source, "");
  const declared = new Set(bronzeTables(project.sources).map(({ dataset }) => dataset));
  const read = project.models.map(({ sql }) => tablesOf(host.engine, sql).catch(() => []));
  const names = [...(await host.lake.datasets()), ...(await Promise.all(read)).flat()].filter(
    (dataset) => dataset.startsWith(prefix) && !declared.has(dataset),
  );
  return [...new Set(names)].sort().map((dataset) => dataset.slice(prefix.length));
}

/** Columns of all bronze datasets: those of the lake, or, before the first run, those that the source describes. */
export async function bronzeColumns(inquiry: Inquiry, tables: SourceTables): Promise<BronzeColumns> {
  const columns: Record<string, readonly Column[]> = {};
  for (const [source, list] of Object.entries(tables)) {
    for (const { name } of list) {
      const dataset = bronzeName(source, name);
      const stored = name === "*" ? [] : await storedColumns(inquiry.host, dataset);
      columns[dataset] = stored ?? (await describedColumns(inquiry, source, name));
    }
  }
  return columns;
}

/** Undefined: the lake has no such dataset, or only rejects of it. Of one that cannot be read nothing is known: its own task tells why. */
async function storedColumns(
  { lake, warn }: OpenedHost,
  dataset: string,
): Promise<readonly Column[] | undefined> {
  try {
    const columns = (await lake.table(dataset).snapshot())?.columns;
    return columns?.every(({ name }) => platformColumns.has(name)) ? undefined : columns;
  } catch (error) {
    if (isLostEngine(error)) throw error;
    warn(`${dataset} cannot be read: ${messageOf(error)}`);
    return [];
  }
}

/** What the platform adds to rows. A table with no other column holds none: nothing of its source could be read yet. */
const platformColumns = new Set([
  ...addedColumns.map(({ name }) => name),
  "_file",
  "_file_hash",
  "_row",
  "_deleted",
]);

async function describedColumns(inquiry: Inquiry, source: string, name: string): Promise<readonly Column[]> {
  const own = (await describe(inquiry, source))?.find((table) => table.name === name)?.columns ?? [];
  return own.length === 0 ? [] : [...own, ...addedColumns];
}

/** What the source says of its tables; undefined when it is not asked, or does not answer. */
function describe(inquiry: Inquiry, source: string): Promise<readonly SourceTable[] | undefined> {
  const answer = inquiry.answers.get(source) ?? ask(inquiry, source);
  inquiry.answers.set(source, answer);
  return answer;
}

async function ask(
  { host, adapters, signal }: Inquiry,
  source: string,
): Promise<readonly SourceTable[] | undefined> {
  const { engine, stateDir, dir, warn } = host;
  const context = {
    engine,
    spool: ownerSpool(stateDir, engine.owner),
    projectDir: dir,
    signal,
    warn,
  };
  try {
    return await adapters?.source(source).tables(context);
  } catch (error) {
    signal.throwIfAborted();
    warn(`source ${source} does not say which tables it has: ${messageOf(error)}`);
    return undefined;
  }
}

const bare = (name: string): SourceTable => ({ name, key: [], columns: [] });
