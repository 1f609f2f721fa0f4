/** What is in a folder that a shop is written to. */
import { readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ShoplakeError } from "../../util/errors.ts";
import { parseRecord, recordText, type ShopRecord } from "../record.ts";
import { tableNames } from "../tables/index.ts";
import { type FileFormat, fileFormats } from "./formats.ts";

/** A shop in a folder. */
export interface FileShop {
  /** What shop it is, and how far it goes. */
  readonly record: ShopRecord;
  /** The same for all of its files. */
  readonly format: FileFormat;
}

/** Written last: a folder without it holds nothing, or what a killed run left. */
const recordFile = "shop.json";
/** There while a shop is written into the folder; becomes the record. */
const startedFile = "shop.json.partial";

/** undefined: the folder holds no shop. Throws a `usage` error when it holds something else. */
export async function shopInFolder(dir: string): Promise<FileShop | undefined> {
  const names = await readdir(dir).catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [] as string[];
    throw new ShoplakeError("io", `the folder cannot be read`, { where: dir, cause: error });
  });
  if (names.includes(recordFile)) return readShop(dir);
  if (names.length === 0 || names.includes(startedFile)) return undefined;
  throw new ShoplakeError(
    "usage",
    `the folder holds something else: ${names.slice(0, 5).join(", ")}; nothing was changed`,
    {
      where: dir,
      allowed: "an empty folder, or one with a shop",
    },
  );
}

async function readShop(dir: string): Promise<FileShop> {
  const text = await readFile(join(dir, recordFile), "utf8");
  const record = parseRecord(text);
  const format = fileFormats.find((each) => text.includes(`"format":"${each}"`));
  if (record !== undefined && format !== undefined) return { record, format };
  throw new ShoplakeError("usage", "the file does not describe a shop; nothing was changed", {
    where: join(dir, recordFile),
    hint: "write into another folder",
  });
}

/** Makes room for a shop: says that it is being written, and removes what a killed run left. */
export async function beginShop(dir: string, shop: FileShop): Promise<void> {
  await writeFile(join(dir, startedFile), shopText(shop));
  for (const table of tableNames) {
    const names = await readdir(join(dir, table)).catch(() => []);
    const ours = new RegExp(`^\\.?${table}-\\d{4}-\\d{2}-\\d{2}\\.(${fileFormats.join("|")})(\\.partial)?$`);
    for (const name of names.filter((each) => ours.test(each))) await rm(join(dir, table, name));
  }
}

/** The record appears whole, after all files: until then the folder holds no shop. */
export async function writeShop(dir: string, shop: FileShop): Promise<void> {
  await writeFile(join(dir, startedFile), shopText(shop));
  await rename(join(dir, startedFile), join(dir, recordFile));
}

function shopText({ record, format }: FileShop): string {
  return `${JSON.stringify({ ...JSON.parse(recordText(record)), format })}\n`;
}
