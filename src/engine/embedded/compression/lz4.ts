/**
 * LZ4: the block format (github.com/lz4/lz4, doc/lz4_Block_format.md) and the frame around it (lz4_Frame_format.md).
 * Frame checksums are not verified: the body came over a loopback connection.
 */
import { Transform } from "node:stream";
import { unitStream } from "./units.ts";

/**
 * Decompresses the block `source` into `target` from `at` on; bytes before `at` may be referred to.
 * Returns the offset after the last byte written. Throws when the block is damaged or does not fit.
 */
export function decompressBlock(source: Buffer, target: Buffer, at: number): number {
  let read = 0;
  let write = at;
  const length = (first: number): number => {
    let total = first;
    if (first !== 15) return total;
    for (;;) {
      const more = source[read++] ?? fail();
      total += more;
      if (more !== 255) return total;
    }
  };
  while (read < source.length) {
    const token = source[read++] ?? fail();
    const literals = length(token >> 4);
    if (read + literals > source.length || write + literals > target.length) fail();
    source.copy(target, write, read, read + literals);
    read += literals;
    write += literals;
    if (read === source.length) return write;
    const distance = (source[read] ?? 0) | ((source[read + 1] ?? fail()) << 8);
    read += 2;
    const matched = length(token & 15) + 4;
    if (distance === 0 || distance > write || write + matched > target.length) fail();
    copyMatch(target, write, distance, matched);
    write += matched;
  }
  return write;
}

/** A match may overlap what it writes: then it repeats the last `distance` bytes. */
function copyMatch(target: Buffer, write: number, distance: number, matched: number): void {
  if (distance >= matched) target.copyWithin(write, write - distance, write - distance + matched);
  else for (let i = write; i < write + matched; i++) target[i] = target[i - distance] ?? 0;
}

function fail(): never {
  throw new Error("The LZ4 block is damaged");
}

const MAGIC = 0x184d2204;
/** Bytes a block may refer back to. */
const WINDOW = 65_536;

interface FrameHeader {
  readonly blockChecksums: boolean;
  readonly contentChecksum: boolean;
  /** Blocks refer to the ones before. */
  readonly linked: boolean;
  readonly maxBlock: number;
}

/** Decompresses one LZ4 frame or several in a row. */
export function lz4FrameDecoder(): Transform {
  let header: FrameHeader | undefined;
  let history: Buffer = Buffer.alloc(0);

  return unitStream((bytes) => {
    if (!header) {
      const size = headerSize(bytes);
      if (size === undefined || bytes.length < size) return undefined;
      header = readHeader(bytes);
      history = Buffer.alloc(0);
      return { size };
    }
    if (bytes.length < 4) return undefined;
    const word = bytes.readUInt32LE(0);
    const length = word & 0x7fffffff;
    const size = 4 + length + ((length === 0 ? header.contentChecksum : header.blockChecksums) ? 4 : 0);
    if (bytes.length < size) return undefined;
    if (word === 0) {
      header = undefined;
      return { size };
    }
    const block = bytes.subarray(4, 4 + length);
    const output = word >>> 31 ? Buffer.from(block) : decompress(block, header.maxBlock);
    if (header.linked) history = Buffer.concat([history, output]).subarray(-WINDOW);
    return { size, output };
  });

  function decompress(block: Buffer, maxBlock: number): Buffer {
    const target = Buffer.allocUnsafe(history.length + maxBlock);
    history.copy(target);
    return target.subarray(history.length, decompressBlock(block, target, history.length));
  }
}

function headerSize(bytes: Buffer): number | undefined {
  if (bytes.length < 7) return undefined;
  const flags = bytes[4] ?? 0;
  return 7 + (flags & 8 ? 8 : 0) + (flags & 1 ? 4 : 0);
}

function readHeader(bytes: Buffer): FrameHeader {
  if (bytes.readUInt32LE(0) !== MAGIC) throw new Error("The body is not an LZ4 frame");
  const flags = bytes[4] ?? 0;
  const sizeCode = ((bytes[5] ?? 0) >> 4) & 7;
  return {
    blockChecksums: (flags & 16) !== 0,
    contentChecksum: (flags & 4) !== 0,
    linked: (flags & 32) === 0,
    maxBlock: 1 << (8 + 2 * sizeCode),
  };
}

/** Magic, flags (version 1, independent blocks), block size 4 MB, checksum of these flags. */
const FRAME_START = Buffer.from("04224d18607073", "hex");
const END_MARK = Buffer.alloc(4);
const MAX_STORED = 4 << 20;

/** A frame of stored blocks: legal LZ4 without a compressor, for clients that insist on a frame over loopback. */
export function lz4FrameEncoder(): Transform {
  let started = false;
  const start = (stream: Transform) => {
    if (!started) stream.push(FRAME_START);
    started = true;
  };
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      start(this);
      for (let at = 0; at < chunk.length; at += MAX_STORED) {
        const block = chunk.subarray(at, at + MAX_STORED);
        const length = Buffer.alloc(4);
        length.writeUInt32LE(block.length + 0x80000000);
        this.push(length);
        this.push(block);
      }
      done();
    },
    flush(done) {
      start(this);
      done(null, END_MARK);
    },
  });
}
