/** Which tables the sources of a project have, and with which columns. */
import { bronzeName } from "../api/datasets.ts";
import type { Column } from "../engine/engine.ts";
import type { Adapters, Catalogue } from "../pipeline/index.ts";
import { addedColumns } from "../pipeline/index.ts";
import { bronzeTables } from "../project/bronze-tables.ts";
import type { Project } from "../project/project.ts";
import type { SourceTable } from "../sources/source.ts";
import { messageOf } from "../util/errors.ts";
import { ownerSpool } from "../util/spool.ts";
import type { OpenedHost } from "./host.ts";

/** Tables of every source, by source name. */
export type SourceTables = Catalogue["tables"];

/** Columns of bronze datasets by name; [] of one that nobody knows yet. */
export type BronzeColumns = Readonly<Record<string, readonly Column[]>>;

/** Where tables and columns of sources are looked up. */
export interface Inquiry {
  readonly host: OpenedHost;
  readonly project: Project;
  /** Undefined: the sources are not asked; the configuration and the lake tell what there is. */
  readonly adapters: Adapters | undefined;
  /** Datasets that the models read. */
  readonly read: readonly string[];
}

/**
 * The tables that the configuration names. A source of all tables ("*") is asked; when it does not answer, a warning says so
 * and the lake and the models tell which tables there are.
 */
export async function sourceTables(inquiry: Inquiry): Promise<SourceTables> {
  const declared = bronzeTables(inquiry.project.sources);
  const tables: Record<string, readonly SourceTable[]> = {};
  for (const source of Object.keys(inquiry.project.sources)) {
    const names = declared.filter((table) => table.source === source).map(({ table }) => table);
    tables[source] = names.includes("*") ? await allTables(inquiry, source, names) : names.map(bare);
  }
  return tables;
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
async function knownTables({ host, project, read }: Inquiry, source: string): Promise<readonly string[]> {
  const prefix = bronzeName(source, "");
  const declared = new Set(bronzeTables(project.sources).map(({ dataset }) => dataset));
  const names = [...(await host.lake.datasets()), ...read].filter(
    (dataset) => dataset.startsWith(prefix) && !declared.has(dataset),
  );
  return [...new Set(names)].sort().map((dataset) => dataset.slice(prefix.length));
}

/** Columns of all bronze datasets: those of the lake, or, before the first run, those that the source describes. */
export async function bronzeColumns(inquiry: Inquiry, tables: SourceTables): Promise<BronzeColumns> {
  const columns: Record<string, readonly Column[]> = {};
  for (const [source, list] of Object.entries(tables)) {
    let described: Promise<readonly SourceTable[] | undefined> | undefined;
    for (const { name } of list) {
      const dataset = bronzeName(source, name);
      const snapshot = await inquiry.host.lake.table(dataset).snapshot();
      described ??= snapshot ? undefined : describe(inquiry, source);
      const own = (await described)?.find((table) => table.name === name)?.columns ?? [];
      columns[dataset] = snapshot?.columns ?? (own.length === 0 ? [] : [...own, ...addedColumns]);
    }
  }
  return columns;
}

/** What the source says of its tables; undefined when it is not asked, or does not answer. */
async function describe(
  { host, adapters }: Inquiry,
  source: string,
): Promise<readonly SourceTable[] | undefined> {
  const { engine, stateDir, dir, warn } = host;
  const context = {
    engine,
    spool: ownerSpool(stateDir, engine.owner),
    projectDir: dir,
    signal: new AbortController().signal,
    warn,
  };
  try {
    return await adapters?.source(source).tables(context);
  } catch (error) {
    warn(`source ${source} does not say which tables it has: ${messageOf(error)}`);
    return undefined;
  }
}

const bare = (name: string): SourceTable => ({ name, key: [], columns: [] });
