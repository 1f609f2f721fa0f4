/** Reads request bodies: the statement into memory, the data behind it into a file. */
import { open } from "node:fs/promises";
import { DatabaseError } from "./errors.ts";
import { analyse, type Statement } from "./statement.ts";

/** Bytes read before a statement is looked at, and the longest statement. */
const HEAD_BYTES = 262_144;
const MAX_STATEMENT_BYTES = 64 << 20;

export interface StatementBody {
  readonly statement: Statement;
  /** The statement and, of an insert, the first bytes of its data. */
  readonly bytes: Buffer;
  /** What was not read yet; empty unless the statement is an insert. */
  readonly rest: AsyncIterator<Buffer>;
}

/** Reads until the statement is complete. `base` is the text from the URL, which comes before the body. */
export async function readStatement(base: Buffer, stream: AsyncIterable<Buffer>): Promise<StatementBody> {
  const rest = stream[Symbol.asyncIterator]();
  const parts = [base];
  let size = base.length;
  let ended = false;
  const readUpTo = async (limit: number) => {
    while (!ended && size < limit) {
      const next = await rest.next();
      if (next.done) ended = true;
      else {
        parts.push(next.value);
        size += next.value.length;
      }
    }
    return Buffer.concat(parts);
  };
  let bytes = await readUpTo(HEAD_BYTES);
  let statement = analyse(bytes.toString("latin1"));
  if (!ended && statement.kind !== "insert") {
    bytes = await readUpTo(MAX_STATEMENT_BYTES);
    if (!ended) throw new DatabaseError(62, "Syntax error: Max query size exceeded", "SYNTAX_ERROR");
    statement = analyse(bytes.toString("latin1"));
  }
  return { statement, bytes, rest };
}

/** Writes `first` and all of `rest` into a new file; returns its size in bytes. */
export async function spoolToFile(path: string, first: Buffer, rest: AsyncIterator<Buffer>): Promise<number> {
  const file = await open(path, "wx", 0o600);
  let size = 0;
  const write = async (chunk: Buffer) => {
    let at = 0;
    while (at < chunk.length) at += (await file.write(chunk, at)).bytesWritten;
    size += chunk.length;
  };
  try {
    await write(first);
    for (;;) {
      const next = await rest.next();
      if (next.done) return size;
      await write(next.value);
    }
  } finally {
    await file.close();
  }
}
