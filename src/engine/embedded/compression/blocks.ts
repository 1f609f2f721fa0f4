/**
 * ClickHouse's compressed blocks (`compress=1`, `decompress=1`, and its data files): 16 bytes CityHash128 of what follows,
 * one byte method, 4 bytes compressed size with this header of 9, 4 bytes size, data.
 */
import { Transform } from "node:stream";
import { cityHash128 } from "./city-hash.ts";
import { decompressBlock } from "./lz4.ts";
import { unitStream } from "./units.ts";

const CHECKSUM = 16;
const HEADER = 9;
const [NONE, LZ4, ZSTD] = [0x02, 0x82, 0x90];
/** Bytes of one block that is written. */
const BLOCK_BYTES = 65_536;
/** The largest block that is read, as in ClickHouse. */
const MAX_BLOCK_BYTES = 1 << 30;

/** Unpacks one zstd frame; throws when it is damaged. */
export type ZstdDecompress = (data: Uint8Array) => Uint8Array;

/** Verifies and decompresses blocks. Zstandard needs the library that knows it. */
export function blockDecoder(zstd: ZstdDecompress): Transform {
  return unitStream((bytes) => {
    if (bytes.length < CHECKSUM + HEADER) return undefined;
    const packed = bytes.readUInt32LE(CHECKSUM + 1);
    const size = bytes.readUInt32LE(CHECKSUM + 5);
    if (packed < HEADER || packed > MAX_BLOCK_BYTES || size > MAX_BLOCK_BYTES)
      throw new Error("The compressed block has an impossible size");
    if (bytes.length < CHECKSUM + packed) return undefined;
    const block = bytes.subarray(CHECKSUM, CHECKSUM + packed);
    const [low, high] = cityHash128(block);
    if (bytes.readBigUInt64LE(0) !== low || bytes.readBigUInt64LE(8) !== high)
      throw new Error("Checksum doesn't match: corrupted data");
    return { size: CHECKSUM + packed, output: decompress(block, size, zstd) };
  });
}

function decompress(block: Buffer, size: number, zstd: ZstdDecompress): Buffer {
  const method = block[0];
  const data = block.subarray(HEADER);
  if (method === NONE) return Buffer.from(data);
  if (method === ZSTD) return Buffer.from(zstd(data));
  if (method !== LZ4) throw new Error(`Unknown compression method ${method} in a compressed block`);
  const target = Buffer.allocUnsafe(size);
  if (decompressBlock(data, target, 0) !== size)
    throw new Error("The compressed block has another size than it says");
  return target;
}

/** Puts bytes into LZ4 blocks of literals only: legal, understood by all clients, and no work on a loopback connection. */
export function blockEncoder(): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      for (let at = 0; at < chunk.length; at += BLOCK_BYTES)
        this.push(encode(chunk.subarray(at, at + BLOCK_BYTES)));
      done();
    },
  });
}

function encode(data: Buffer): Buffer {
  const n = data.length;
  const extra = n < 15 ? 0 : Math.floor((n - 15) / 255) + 1;
  const packed = HEADER + 1 + extra + n;
  const block = Buffer.alloc(CHECKSUM + packed, 255);
  block[CHECKSUM] = LZ4;
  block.writeUInt32LE(packed, CHECKSUM + 1);
  block.writeUInt32LE(n, CHECKSUM + 5);
  block[CHECKSUM + HEADER] = Math.min(n, 15) << 4;
  if (extra > 0) block[CHECKSUM + HEADER + extra] = (n - 15) % 255;
  data.copy(block, CHECKSUM + HEADER + 1 + extra);
  const [low, high] = cityHash128(block.subarray(CHECKSUM));
  block.writeBigUInt64LE(low, 0);
  block.writeBigUInt64LE(high, 8);
  return block;
}
