/**
 * Whether a zstd file is complete. The engine takes a truncated one for whole, so the frames are walked here, header by
 * header, without unpacking them. Format: RFC 8878, sections 3.1.1 and 3.1.2.
 */
import { type FileHandle, open } from "node:fs/promises";

const frameMagic = 0xfd2fb528;
const skippableMagic = 0x184d2a50;

/** False when the file ends within a frame or holds something that is no frame. */
export async function isWholeZstd(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    let at = 0;
    while (at < size) {
      const next = await frameEnd(file, at);
      if (next === undefined || next > size) return false;
      at = next;
    }
    return size > 0;
  } finally {
    await file.close();
  }
}

/** Where the frame at `start` ends; undefined when it does not. */
async function frameEnd(file: FileHandle, start: number): Promise<number | undefined> {
  const head = await bytesAt(file, start, 18);
  if (head.length < 6) return undefined;
  const magic = head.readUInt32LE(0);
  if ((magic & 0xfffffff0) === skippableMagic)
    return head.length < 8 ? undefined : start + 8 + head.readUInt32LE(4);
  if (magic !== frameMagic) return undefined;
  const descriptor = head.readUInt8(4);
  let at = start + 5 + headerFieldBytes(descriptor);
  for (;;) {
    const block = await bytesAt(file, at, 3);
    if (block.length < 3) return undefined;
    const header = block.readUIntLE(0, 3);
    const type = (header >> 1) & 3;
    if (type === 3) return undefined;
    at += 3 + (type === 1 ? 1 : header >> 3);
    if ((header & 1) === 1) return at + ((descriptor & 4) === 0 ? 0 : 4);
  }
}

/** Bytes of window descriptor, dictionary id and content size. */
function headerFieldBytes(descriptor: number): number {
  const single = (descriptor & 32) !== 0;
  const dictionary = [0, 1, 2, 4][descriptor & 3] ?? 0;
  const content = [single ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
  return (single ? 0 : 1) + dictionary + content;
}

async function bytesAt(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, at);
  return buffer.subarray(0, bytesRead);
}
