/**
 * Splits delimited bytes into records by the same rules as the engine's CSV reader, but goes on after a bad one.
 * Used only for files that the engine refuses; values are never decoded here.
 */

/** How fields and records are told apart; line ends are LF, CR or CR LF. */
export interface CsvDialect {
  /** Byte between two fields. */
  readonly delimiter: number;
  /** Byte around a field; doubled inside it. */
  readonly quote: number;
}

/** One record, sound or not. */
export interface CsvRecord {
  /** As they are in the file, without the line end. */
  readonly bytes: Buffer;
  /** 1-based line of the text on which it starts. */
  readonly line: number;
  /** Fields it has; 0 for an empty line. */
  readonly fields: number;
  /** The quoting is broken: the record ends at its first line break. */
  readonly problem?: "malformed_quotes" | "record_too_long";
  /** The last quote is missing at the very end of the file, in a field without a line break: readers treat it as closed. */
  readonly unclosed?: true;
}

/** Bytes that a record may have. A quoted one that is longer has a forgotten quote. */
export const longest = 16 << 20;
/** Bytes of a record without an end that are kept for the quarantine. */
const keptOfLong = 64 << 10;
const LF = 10;
const CR = 13;

/** Records that are handed on together: one by one would cost more than splitting them. */
const atOnce = 10_000;

/** Records of a stream, the header included. Memory: one record of at most 16 MB, and one chunk. */
export async function* csvRecords(
  stream: AsyncIterable<Uint8Array>,
  dialect: CsvDialect,
): AsyncGenerator<readonly CsvRecord[]> {
  let pending: Buffer = Buffer.alloc(0);
  let line = 1;
  let fresh = true;
  let skipping = false;
  function* drain(atEnd: boolean): Generator<CsvRecord[]> {
    let start = 0;
    let some: CsvRecord[] = [];
    if (skipping) {
      const end = lineBreak(pending, 0);
      const next = end < 0 ? (atEnd ? pending.length : undefined) : afterLineBreak(pending, end, atEnd);
      if (next === undefined) {
        // A carriage return at the very end waits for its line feed.
        pending = end < 0 ? Buffer.alloc(0) : pending.subarray(end);
        return;
      }
      skipping = false;
      start = next;
      line++;
    }
    if (fresh && (pending.length >= 3 || atEnd)) {
      if (pending.subarray(0, 3).equals(byteOrderMark)) start = 3;
      fresh = false;
    }
    while (!fresh && start < pending.length) {
      const found = bounded(scan(pending, start, dialect, atEnd), pending, start) ?? overlong(pending, start);
      if (found === undefined) {
        if (pending.length - start <= longest) break;
        some.push({ bytes: headOf(pending, start), line, fields: 1, problem: "record_too_long" });
        skipping = true;
        start = pending.length;
        break;
      }
      const { end } = found;
      const bytes = end - start > longest ? headOf(pending, start) : pending.subarray(start, end);
      some.push(
        found.record === undefined ? { bytes, line, fields: found.fields } : { bytes, line, ...found.record },
      );
      line += found.lines ?? countLines(pending, start, found.next);
      start = found.next;
      if (some.length < atOnce) continue;
      yield some;
      some = [];
    }
    pending = pending.subarray(start);
    if (some.length > 0) yield some;
  }
  for await (const chunk of stream) {
    pending = pending.length === 0 ? Buffer.from(chunk) : Buffer.concat([pending, chunk]);
    yield* drain(false);
  }
  yield* drain(true);
}

const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

interface Found {
  readonly fields: number;
  /** What the record says of itself when it is not simply sound. */
  readonly record?: Omit<CsvRecord, "bytes" | "line">;
  /** Lines of the text it takes, when that is known. */
  readonly lines?: 1;
  /** Where the record's bytes end, and where the next one starts. */
  readonly end: number;
  readonly next: number;
}

/** The record at `start`; undefined when more bytes are needed. */
function scan(buffer: Buffer, start: number, dialect: CsvDialect, atEnd: boolean): Found | undefined {
  let fields = 0;
  let quoted = false;
  let at = start;
  for (;;) {
    fields++;
    quoted ||= buffer[at] === dialect.quote;
    const field = scanField(buffer, at, dialect, atEnd);
    if (field === "more") return undefined;
    if (field === "malformed") return givenUp(buffer, start, "malformed_quotes", atEnd);
    if (field === "unclosed") {
      if (lineBreak(buffer, at) >= 0) return givenUp(buffer, start, "malformed_quotes", atEnd);
      return { fields, record: { fields, unclosed: true }, end: buffer.length, next: buffer.length };
    }
    if (buffer[field] === dialect.delimiter) {
      at = field + 1;
      continue;
    }
    const next = afterLineBreak(buffer, field, atEnd);
    if (next === undefined) return undefined;
    const found = { fields: field === start ? 0 : fields, end: field, next };
    return quoted ? found : { ...found, lines: 1 };
  }
}

/** Where the field ends: at a delimiter, at a line break, or at the end of the file. A blank is part of a value. */
function scanField(
  buffer: Buffer,
  start: number,
  { delimiter, quote }: CsvDialect,
  atEnd: boolean,
): number | "more" | "malformed" | "unclosed" {
  let at = start;
  if (buffer[at] !== quote) {
    while (at < buffer.length && buffer[at] !== delimiter && buffer[at] !== LF && buffer[at] !== CR) at++;
    return at < buffer.length || atEnd ? at : "more";
  }
  at++;
  for (;;) {
    const close = buffer.indexOf(quote, at);
    if (close < 0) return atEnd ? "unclosed" : "more";
    at = close + 1;
    if (at >= buffer.length) return atEnd ? at : "more";
    if (buffer[at] !== quote) break;
    at++;
  }
  const byte = buffer[at];
  return byte === delimiter || byte === LF || byte === CR ? at : "malformed";
}

function givenUp(
  buffer: Buffer,
  start: number,
  problem: "malformed_quotes" | "record_too_long",
  atEnd: boolean,
): Found | undefined {
  const found = lineBreak(buffer, start);
  const end = found < 0 ? buffer.length : found;
  const next = found < 0 && !atEnd ? undefined : afterLineBreak(buffer, end, atEnd);
  return next === undefined ? undefined : { fields: 1, record: { fields: 1, problem }, end, next, lines: 1 };
}

/** The record, if it is not too long. */
function bounded(found: Found | undefined, buffer: Buffer, start: number): Found | undefined {
  if (found === undefined || found.end - start <= longest) return found;
  const { end } = found;
  const first = lineBreak(buffer, start);
  return first >= 0 && first < end
    ? givenUp(buffer, start, "record_too_long", true)
    : { ...found, record: long };
}

const long = { fields: 1, problem: "record_too_long" } as const;

/** Gives up a record that has no end within `longest` bytes at its first line break; undefined: not so long, or a single line. */
function overlong(buffer: Buffer, start: number): Found | undefined {
  if (buffer.length - start <= longest || lineBreak(buffer, start) < 0) return undefined;
  return givenUp(buffer, start, "record_too_long", false);
}

/** A copy, so that the rest of the record can be forgotten. */
function headOf(buffer: Buffer, start: number): Buffer {
  return Buffer.from(buffer.subarray(start, start + keptOfLong));
}

function lineBreak(buffer: Buffer, start: number): number {
  const lf = buffer.indexOf(LF, start);
  const cr = buffer.subarray(start, lf < 0 ? buffer.length : lf).indexOf(CR);
  return cr < 0 ? lf : start + cr;
}

function afterLineBreak(buffer: Buffer, at: number, atEnd: boolean): number | undefined {
  if (at >= buffer.length) return buffer.length;
  if (buffer[at] !== CR) return at + 1;
  if (at + 1 >= buffer.length && !atEnd) return undefined;
  return buffer[at + 1] === LF ? at + 2 : at + 1;
}

function countLines(buffer: Buffer, start: number, end: number): number {
  let lines = 0;
  for (let at = lineBreak(buffer, start); at >= 0 && at < end; at = lineBreak(buffer, at + 1))
    if (!(buffer[at] === LF && buffer[at - 1] === CR && at > start)) lines++;
  return lines;
}

/** The values of one record that `csvRecords` found sound. */
export function csvFields(record: Buffer, dialect: CsvDialect): Buffer[] {
  const values: Buffer[] = [];
  let at = 0;
  for (;;) {
    const end = scanField(record, at, dialect, true);
    const stop = typeof end === "number" ? end : record.length;
    values.push(unquote(record.subarray(at, stop), dialect));
    if (stop >= record.length) return values;
    at = stop + 1;
  }
}

function unquote(field: Buffer, { quote }: CsvDialect): Buffer {
  if (field[0] !== quote) return field;
  const mark = String.fromCharCode(quote);
  const end = field.lastIndexOf(quote);
  const inner = field.subarray(1, end > 0 ? end : field.length);
  return Buffer.from(inner.toString("latin1").replaceAll(mark + mark, mark), "latin1");
}
