/** Records of JSON text before they are judged. */

/** Bytes that a record of JSON may have. */
export const longest = 64 << 20;
/** Bytes of a longer one that are kept for the quarantine. */
const keptOfLong = 64 << 10;

/** A record as it stands in the file. */
export interface JsonRecord {
  /** Line of a JSON lines file, number of an element of an array. */
  readonly where: number;
  /** The record; when it is too long, its beginning. */
  readonly bytes: Buffer;
  /** It is longer than 64 MB. */
  readonly long: boolean;
}

/** The beginning of a record that is too long. */
export function headOf(record: Buffer): Buffer {
  return Buffer.from(record.subarray(0, keptOfLong));
}

/** Lines with their numbers, without their line feed. Memory: one line of at most 64 MB. */
export async function* jsonLines(stream: AsyncIterable<Uint8Array>): AsyncGenerator<JsonRecord> {
  let pending: Buffer[] = [];
  let size = 0;
  let where = 0;
  const record = (): JsonRecord => {
    const bytes = Buffer.concat(pending);
    const long = size > longest;
    pending = [];
    size = 0;
    return { where: ++where, bytes: long ? headOf(bytes) : bytes, long };
  };
  for await (const chunk of stream) {
    let rest = Buffer.from(chunk);
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      size += end;
      if (size <= longest) pending.push(rest.subarray(0, end));
      yield record();
      rest = rest.subarray(end + 1);
    }
    size += rest.length;
    if (size <= longest) pending.push(rest);
  }
  if (size > 0) yield record();
}
