/** A shop as text files: one per table for the whole shop, and one per table for each day after it. */
import { createWriteStream } from "node:fs";
import { mkdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { ShoplakeError } from "../../util/errors.ts";
import { chunked } from "../chunks.ts";
import type { ShopPlan } from "../plan.ts";
import { recordAfter } from "../record.ts";
import { simulate, simulateDay } from "../simulate.ts";
import type { TableSimulation } from "../simulation.ts";
import { type ShopTable, shopTables } from "../tables/index.ts";
import type { Loaded, LoadOptions } from "../target.ts";
import { fileColumns } from "./columns.ts";
import { beginShop, type FileShop, shopInFolder, writeShop } from "./folder.ts";
import { type FileFormat, lineWriters } from "./formats.ts";

/** How to write a new shop. */
export interface FileLoadOptions extends LoadOptions {
  /** Of all files; later days keep it. */
  readonly format: FileFormat;
}

/** Writes <table>/<table>-<until>.<format> for each table. Throws a `usage` error when the folder holds anything: nothing is changed. */
export async function writeFiles(dir: string, plan: ShopPlan, options: FileLoadOptions): Promise<Loaded> {
  if ((await shopInFolder(dir)) !== undefined)
    throw new ShoplakeError("usage", "the folder holds a shop already", { where: dir });
  const record = { ...plan, files: true, loaded: plan.until };
  const shop = { record, format: options.format };
  await mkdir(dir, { recursive: true });
  await beginShop(dir, shop);
  return writeTables(dir, shop, { ...options, simulation: simulate(record) });
}

/**
 * Writes the rows that were inserted or changed on the day after the last one; undefined when `until` is there already. Throws a `usage`
 * error for a later day, or when there is no shop.
 */
export async function bringFilesOn(
  dir: string,
  until: string,
  options: LoadOptions = {},
): Promise<Loaded | undefined> {
  const shop = await shopInFolder(dir);
  if (shop === undefined)
    throw new ShoplakeError("usage", "there is no shop yet that could be brought on", {
      where: dir,
      hint: `write one first: shoplake generate --out ${dir}`,
    });
  const record = recordAfter(shop.record, until, dir);
  if (record === undefined) return undefined;
  return writeTables(dir, { ...shop, record }, { ...options, simulation: simulateDay(record) });
}

interface WriteOptions extends LoadOptions {
  readonly simulation: TableSimulation;
}

async function writeTables(dir: string, shop: FileShop, options: WriteOptions): Promise<Loaded> {
  const rows: Record<string, number> = {};
  for (const table of shopTables(options.simulation))
    rows[table.name] = await writeTable(join(dir, table.name), shop, table, options);
  await writeShop(dir, shop);
  return { rows };
}

/** The file appears whole or not at all. */
async function writeTable(
  folder: string,
  { record, format }: FileShop,
  table: ShopTable,
  { signal, onProgress }: LoadOptions,
): Promise<number> {
  const name = `${table.name}-${record.until}.${format}`;
  const partial = join(folder, `.${name}.partial`);
  const { head, line } = lineWriters[format](table, fileColumns(record, table, record.loaded));
  let count = 0;
  const onRows = (rows: number) => {
    count = rows;
    onProgress?.({ table: table.name, rows });
  };
  await mkdir(folder, { recursive: true });
  await pipeline(
    Readable.from(chunked({ rows: table.rows(), line, head, onRows }), { objectMode: false }),
    createWriteStream(partial, { flush: true }),
    { ...(signal && { signal }) },
  );
  await rename(partial, join(folder, name));
  return count;
}
