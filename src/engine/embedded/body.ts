/** Reads request bodies: the statement into memory, the data behind it into a file. */
import type { IncomingMessage } from "node:http";
import { createPrivateFile } from "../../util/private-files.ts";
import { decodeBody } from "./compression/encodings.ts";
import { DatabaseError } from "./errors.ts";
import { boundaryOf, type Part, readParts } from "./multipart.ts";
import { analyse, type Statement } from "./statement.ts";

/** Bytes read before a statement is looked at, and the longest statement. */
const HEAD_BYTES = 262_144;
const MAX_STATEMENT_BYTES = 64 << 20;

/** A request whose compression and form are taken off. */
export interface OpenBody {
  /** The body, decompressed; of a form nothing. */
  readonly stream: AsyncIterable<Buffer>;
  /** Parameters of the URL and of form fields. */
  readonly params: URLSearchParams;
  /** Files of a form. */
  readonly tables: readonly Part[];
  /** The statement, or its beginning, from URL or form. */
  readonly text: Buffer;
}

/** Takes compression and form off a request's body. */
export async function openBody(request: IncomingMessage, urlParams: URLSearchParams): Promise<OpenBody> {
  const encoding = request.headers["content-encoding"] ?? "";
  const stream = await decodeBody(request, encoding, urlParams.get("decompress") === "1");
  const text = urlParams.get("query") ?? "";
  const boundary = boundaryOf(request.headers["content-type"] ?? "");
  if (boundary === undefined) return { stream, params: urlParams, tables: [], text: beforeBody(text) };
  const parts = await readParts(stream, boundary);
  const params = new URLSearchParams(urlParams);
  const fields = parts.filter((part) => !part.isFile);
  for (const { name, data } of fields) if (name !== "query") params.append(name, data.toString());
  const query = fields.filter(({ name }) => name === "query").map(({ data }) => data.toString());
  return {
    stream: (async function* () {})(),
    params,
    tables: parts.filter((part) => part.isFile),
    text: Buffer.from(beforeBody(text) + query.join("")),
  };
}

/** A line end separates the statement in the URL from the body. */
function beforeBody(text: string): Buffer {
  return Buffer.from(text === "" || text.endsWith("\n") ? text : `${text}\n`);
}

/** A request that was read as far as its statement. */
export interface StatementBody {
  /** What the interface must know about it. */
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
  const file = await createPrivateFile(path);
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
