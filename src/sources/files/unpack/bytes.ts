/** Streams of a file's text: unpacked, decoded, spooled. For what the engine does not read itself. */
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { pipeline as connect, type Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import iconv from "iconv-lite";
import { text } from "../../../engine/sql.ts";
import { messageOf } from "../../../util/errors.ts";
import { privateWriteStream } from "../../../util/private-files.ts";
import type { SourceContext } from "../../source.ts";
import type { FilesTableConfig } from "../options.ts";
import { type Codec, type PlainFile, UnusableFile } from "./plain-file.ts";

const chunk = 1 << 20;

/** What the first bytes of a local file say; "other" for packings that are not supported. */
export async function sniff(path: string): Promise<Codec | "zip" | "other"> {
  const file = await open(path);
  try {
    const { buffer } = await file.read(Buffer.alloc(6), 0, 6, 0);
    const magic = buffer.toString("hex");
    if (magic.startsWith("1f8b")) return "gz";
    if (magic.startsWith("28b52ffd")) return "zstd";
    if (/^504b(0304|0506)/.test(magic)) return "zip";
    return /^(425a68|fd377a585a00|04224d18|377abcaf)/.test(magic) ? "other" : "none";
  } finally {
    await file.close();
  }
}

/** The unpacked bytes of a file. Throws UnusableFile when its packing is broken. */
export async function* unpacked(plain: PlainFile, context: SourceContext): AsyncGenerator<Uint8Array> {
  try {
    yield* await openUnpacked(plain, context);
  } catch (error) {
    throw packingError(error) ?? error;
  }
}

/** The engine unpacks zstd (Node 20 cannot), line by line; a line end is added when the last line has none. */
async function openUnpacked({ path, codec }: PlainFile, context: SourceContext): Promise<Readable> {
  if (codec === "zstd")
    return context.engine.download(
      `SELECT line FROM file(${text(path)}, 'LineAsString', 'line String', 'zstd')`,
      "TSVRaw",
      { settings: { max_threads: 1, input_format_parallel_parsing: 0 }, signal: context.signal },
    );
  const stored = createReadStream(path, { highWaterMark: chunk });
  return codec === "gz" ? connect(stored, createGunzip({ chunkSize: chunk }), () => {}) : stored;
}

/** A broken packing as UnusableFile; undefined when the error is about something else. */
export function packingError(error: unknown): UnusableFile | undefined {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "Z_BUF_ERROR")
    return new UnusableFile("truncated_archive", "The file ends in the middle of its gzip stream.");
  if (code === "Z_DATA_ERROR" || code === "Z_STREAM_ERROR" || code === "Z_NEED_DICT")
    return new UnusableFile("damaged_archive", `The gzip stream is damaged: ${messageOf(error)}.`);
  if (/ZSTD_DECODER_FAILED|ZSTD_decompressStream/i.test(messageOf(error)))
    return new UnusableFile("truncated_archive", "The zstd stream is damaged or ends in its middle.");
  return undefined;
}

/** Writes bytes to a new file with back-pressure. */
export async function spoolTo(path: string, bytes: AsyncIterable<Uint8Array>, signal: AbortSignal) {
  await pipeline(bytes, privateWriteStream(path, "wx"), { signal });
}

/** Bytes of any accepted encoding as UTF-8 without a byte order mark. `lost` is told about bytes that mean nothing in it. */
export async function* toUtf8(
  bytes: AsyncIterable<Uint8Array>,
  encoding: FilesTableConfig["encoding"],
  lost: (characters: number) => void,
): AsyncGenerator<Uint8Array> {
  if (encoding === "utf-8") {
    yield* withoutMark(bytes);
    return;
  }
  const decoder = iconv.getDecoder(encoding);
  for await (const some of bytes) yield encode(decoder.write(Buffer.from(some)), lost);
  yield encode(decoder.end() ?? "", lost);
}

function encode(decoded: string, lost: (characters: number) => void): Buffer {
  const unknown = decoded.match(/\p{Surrogate}|\ufffd/gu)?.length ?? 0;
  if (unknown > 0) lost(unknown);
  return Buffer.from(decoded, "utf8");
}

async function* withoutMark(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let head: Buffer | undefined = Buffer.alloc(0);
  for await (const some of bytes) {
    if (head === undefined) {
      yield some;
      continue;
    }
    head = Buffer.concat([head, some]);
    if (head.length < 3) continue;
    yield hasMark(head) ? head.subarray(3) : head;
    head = undefined;
  }
  if (head !== undefined) yield head;
}

/** Whether bytes begin with the byte order mark of UTF-8. */
export function hasMark(bytes: Uint8Array): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}
