/** Which compression a request came with, and which its answer gets. */
import { PassThrough, pipeline, type Readable, Transform } from "node:stream";
import zlib from "node:zlib";
import { DatabaseError } from "../errors.ts";
import { blockDecoder, blockEncoder } from "./blocks.ts";
import { lz4FrameDecoder, lz4FrameEncoder } from "./lz4.ts";

/** The body of a request, decompressed: `Content-Encoding` outside, ClickHouse's blocks (`decompress=1`) inside. */
export async function decodeBody(body: Readable, encoding: string, blocks: boolean): Promise<Readable> {
  const steps: Transform[] = [];
  const outer = await contentDecoder(encoding.toLowerCase());
  if (outer) steps.push(outer);
  if (blocks) steps.push(blockDecoder((await import("fzstd")).decompress));
  if (steps.length === 0) return body;
  const decoded = new PassThrough();
  pipeline([body, ...steps, decoded], () => {});
  return decoded;
}

async function contentDecoder(encoding: string): Promise<Transform | undefined> {
  switch (encoding) {
    case "":
    case "identity":
      return undefined;
    case "gzip":
    case "x-gzip":
      return zlib.createGunzip();
    case "deflate":
      return zlib.createInflate();
    case "br":
      return zlib.createBrotliDecompress();
    case "lz4":
      return lz4FrameDecoder();
    case "zstd":
      return zstdDecoder();
    default:
      throw new DatabaseError(48, `Unknown compression method '${encoding}'`, "NOT_IMPLEMENTED", 400);
  }
}

async function zstdDecoder(): Promise<Transform> {
  const { Decompress } = await import("fzstd");
  const guard = (done: (error?: Error | null) => void, step: () => void) => {
    try {
      step();
      done();
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)));
    }
  };
  const stream: Transform = new Transform({
    transform: (chunk: Buffer, _encoding, done) => guard(done, () => inner.push(chunk)),
    flush: (done) => guard(done, () => inner.push(new Uint8Array(0), true)),
  });
  const inner = new Decompress((data) => {
    if (data.length > 0) stream.push(Buffer.from(data));
  });
  return stream;
}

/** How an answer is packed. */
export interface BodyEncoder {
  /** Value of Content-Encoding; undefined when the answer has none. */
  readonly encoding: string | undefined;
  /** What the bytes go through, in this order; none when nothing is packed. */
  readonly steps: readonly Transform[];
}

/** How an answer is compressed: ClickHouse's blocks for `compress=1`, then what Accept-Encoding allows, if it was enabled. */
export function encodeBody(params: URLSearchParams, acceptEncoding: string): BodyEncoder {
  const steps: Transform[] = params.get("compress") === "1" ? [blockEncoder()] : [];
  const enabled = ["1", "true"].includes(params.get("enable_http_compression") ?? "");
  const encoding = enabled
    ? ["gzip", "deflate", "br", "lz4"].find((name) => new RegExp(`\\b${name}\\b`).test(acceptEncoding))
    : undefined;
  const level = Math.min(Math.max(Number(params.get("http_zlib_compression_level") ?? 3) || 3, 1), 9);
  if (encoding === "gzip") steps.push(zlib.createGzip({ level }));
  if (encoding === "lz4") steps.push(lz4FrameEncoder());
  if (encoding === "deflate") steps.push(zlib.createDeflate({ level }));
  if (encoding === "br")
    steps.push(zlib.createBrotliCompress({ params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 1 } }));
  return { encoding, steps };
}
