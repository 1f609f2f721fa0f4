/** From a stored file to the files the engine reads. */
import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import yauzl, { type Entry, type ZipFile } from "yauzl";
import { messageOf, ShoplakeError } from "../../../util/errors.ts";
import type { SourceContext } from "../../source.ts";
import { hashOf, readBytes } from "../list/hash.ts";
import type { StoredFile } from "../list/local.ts";
import type { FilesTableConfig } from "../options.ts";
import { hasMark, sniff, spoolTo, toUtf8, unpacked } from "./bytes.ts";
import { type Codec, type PlainFile, UnusableFile } from "./plain-file.ts";
import { isWholeZstd } from "./zstd-frames.ts";

/** Where and how the files of one extract are read. */
export interface ReadContext {
  /** Options of the table, complete. */
  readonly config: FilesTableConfig;
  /** Engine, signal and warnings. */
  readonly context: SourceContext;
  /** Absolute folder for links and spooled bytes of one extract. */
  readonly folder: string;
}

/**
 * The files of one file: itself, or the members of a zip. Bytes are spooled only where the engine cannot read them:
 * objects of S3, members of a zip, encodings other than UTF-8. Throws UnusableFile; without `hash` nothing is compared.
 */
export async function unpack(
  file: StoredFile,
  hash: string | undefined,
  to: ReadContext,
): Promise<PlainFile[]> {
  const path = file.local === undefined ? await fetchObject(file, hash, to) : await safePath(file.local, to);
  const found = await sniff(path);
  const codec = chosenCodec(file.path, found, to.config);
  const plainFiles =
    codec === "zip"
      ? await membersOf(path, file.path, hash ?? "", to)
      : [{ stored: file.path, file: file.path, hash: hash ?? "", path, codec }];
  for (const plain of plainFiles)
    if (plain.codec === "zstd" && !(await isWholeZstd(plain.path)))
      throw new UnusableFile("truncated_archive", "The file ends in the middle of its zstd stream.");
  return Promise.all(plainFiles.map((plain) => decoded(plain, to)));
}

function chosenCodec(file: string, found: Codec | "zip" | "other", config: FilesTableConfig): Codec | "zip" {
  const { compression } = config;
  if (compression !== "auto") return compression === "zst" ? "zstd" : compression;
  if (found !== "other") return found;
  throw new ShoplakeError("source", `${file} is packed in a way that is not supported.`, {
    where: file,
    allowed: "plain files, gz, zst, zip",
  });
}

/** A path in which the engine sees no wildcard: a link where the real one has such characters. */
async function safePath(path: string, { folder }: ReadContext): Promise<string> {
  if (/^[\w\-./ +@=,#%~]+$/.test(path)) return path;
  const link = join(folder, `link-${crypto.randomUUID()}`);
  await symlink(path, link);
  return link;
}

async function fetchObject(
  file: StoredFile,
  hash: string | undefined,
  { folder, context }: ReadContext,
): Promise<string> {
  const path = join(folder, `object-${crypto.randomUUID()}`);
  await spoolTo(path, await file.open(), context.signal);
  if (hash !== undefined && (await hashOf(readBytes(path))) !== hash)
    throw new ShoplakeError("source", `${file.path} changed while it was read.`, {
      where: file.path,
      hint: "Run again.",
      retryable: true,
    });
  return path;
}

/** A file without a header may start with a byte order mark, which the engine would take as part of the first value. */
async function decoded(plain: PlainFile, to: ReadContext): Promise<PlainFile> {
  const { config, context, folder } = to;
  if (config.format === "parquet") return plain;
  const marked = !config.header && config.encoding === "utf-8" && (await startsWithMark(plain, context));
  if (config.encoding === "utf-8" && !marked) return plain;
  let lost = 0;
  const path = join(folder, `decoded-${crypto.randomUUID()}`);
  const text = toUtf8(unpacked(plain, context), config.encoding, (characters) => {
    lost += characters;
  });
  await spoolTo(path, text, context.signal);
  if (lost > 0)
    context.warn(`${plain.file}: ${lost} characters are not ${config.encoding}; they became U+FFFD.`);
  return { ...plain, path, codec: "none" };
}

async function startsWithMark(plain: PlainFile, context: SourceContext): Promise<boolean> {
  for await (const bytes of unpacked(plain, context)) return hasMark(bytes);
  return false;
}

/** Members in the order of the archive's directory, without folders and what macOS adds. */
async function membersOf(path: string, name: string, hash: string, to: ReadContext): Promise<PlainFile[]> {
  const plainFiles: PlainFile[] = [];
  try {
    const zip = await yauzl.openPromise(path);
    for await (const entry of zip.eachEntry()) {
      if (entry.fileName.endsWith("/") || /(^|\/)(__MACOSX\/|\.)/.test(entry.fileName)) continue;
      const member = await extractMember(zip, entry, to);
      const file = `${name}!${entry.fileName}`;
      plainFiles.push({ stored: name, file, hash, path: member, codec: await codecOf(member) });
    }
  } catch (error) {
    if (error instanceof ShoplakeError || to.context.signal.aborted) throw error;
    throw new UnusableFile("damaged_archive", `The zip archive cannot be read: ${messageOf(error)}.`);
  }
  return plainFiles;
}

async function extractMember(zip: ZipFile, entry: Entry, { folder, context }: ReadContext): Promise<string> {
  const path = join(folder, `member-${crypto.randomUUID()}`);
  await spoolTo(path, withChecksum(await zip.openReadStreamPromise(entry), entry), context.signal);
  return path;
}

/** The archive reader checks sizes only. */
async function* withChecksum(bytes: AsyncIterable<Uint8Array>, entry: Entry): AsyncGenerator<Uint8Array> {
  let sum = 0;
  for await (const some of bytes) {
    sum = crc32(some, sum);
    yield some;
  }
  if (sum !== entry.crc32) throw new Error(`the checksum of ${entry.fileName} is wrong`);
}

async function codecOf(path: string): Promise<Codec> {
  const codec = await sniff(path);
  return codec === "gz" || codec === "zstd" ? codec : "none";
}
