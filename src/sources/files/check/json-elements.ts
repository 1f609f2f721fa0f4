/**
 * The elements of a JSON array, or of objects one after the other, byte by byte, so that one that is no object does not stop the
 * others.
 */
import { hasMark } from "../unpack/bytes.ts";
import { UnusableFile } from "../unpack/plain-file.ts";
import { headOf, type JsonRecord, longest } from "./json-text.ts";

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const bracket = 0x5b;
const openers = new Set([bracket, 0x7b]);
const closers = new Set([0x5d, 0x7d]);
const blanks = new Set([0x20, 0x09, 0x0a, 0x0d]);

/** Where the reader is in the text. */
interface Place {
  /** Brackets that are open, that of the array included. */
  depth: number;
  /** Depth at which elements stand: 1 in an array, 0 in a text of objects. Undefined before the first character. */
  level: 0 | 1 | undefined;
  /** Within a string. */
  quoted: boolean;
  /** After a backslash in a string. */
  escaped: boolean;
  /** The array has ended. */
  done: boolean;
}

/**
 * Elements with their numbers. Throws UnusableFile when the text is neither, or does not end. Memory: one element
 * of at most 64 MB; of a longer one the first 64 KB are given.
 */
export async function* jsonElements(stream: AsyncIterable<Uint8Array>): AsyncGenerator<JsonRecord> {
  const place: Place = { depth: 0, level: undefined, quoted: false, escaped: false, done: false };
  let parts: Buffer[] = [];
  let size = 0;
  let number = 0;
  let first = true;
  for await (const chunk of stream) {
    const bytes = first && hasMark(chunk) ? Buffer.from(chunk.subarray(3)) : Buffer.from(chunk);
    first = false;
    let start = 0;
    for (let at = 0; at < bytes.length; at++) {
      const step = stepOver(place, bytes[at] ?? 0);
      if (step === "open") start = at + (place.level ?? 0);
      if (step !== "end") continue;
      const end = at + 1 - (place.level ?? 0);
      const element = Buffer.concat([...parts, bytes.subarray(start, end)]);
      const long = size + end - start > longest;
      if (!(place.done && number === 0 && isBlank(element)))
        yield { where: ++number, bytes: long ? headOf(element) : element, long };
      parts = [];
      size = 0;
      start = at + 1;
    }
    if (place.depth === 0) continue;
    size += bytes.length - start;
    if (size <= longest) parts.push(bytes.subarray(start));
  }
  if (place.depth > 0 || place.level === undefined)
    throw new UnusableFile("unreadable_file", "The file is no JSON array that ends.");
}

/** "open" and "end": the byte begins the array, or stands behind an element. Throws UnusableFile for text outside of the array. */
function stepOver(place: Place, byte: number): "open" | "end" | undefined {
  if (place.quoted) {
    if (place.escaped) place.escaped = false;
    else if (byte === backslash) place.escaped = true;
    else if (byte === quote) place.quoted = false;
    return undefined;
  }
  if (place.depth === 0) return begin(place, byte);
  if (byte === quote) place.quoted = true;
  else if (openers.has(byte)) place.depth++;
  else if (closers.has(byte)) {
    place.depth--;
    place.done = place.depth === 0 && place.level === 1;
    return place.depth === 0 ? "end" : undefined;
  } else if (byte === comma && place.depth === 1 && place.level === 1) return "end";
  return undefined;
}

function begin(place: Place, byte: number): "open" | undefined {
  if (blanks.has(byte) || (byte === comma && place.level === 0)) return undefined;
  if (place.done) throw new UnusableFile("unreadable_file", "Text follows the JSON array of the file.");
  if (!openers.has(byte) || (place.level === 0 && byte === bracket))
    throw new UnusableFile("unreadable_file", "The file is no JSON array.");
  place.level ??= byte === bracket ? 1 : 0;
  place.depth = 1;
  return "open";
}

function isBlank(bytes: Buffer): boolean {
  return bytes.every((byte) => blanks.has(byte));
}
