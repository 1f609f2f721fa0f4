/**
 * COPY ... TO STDOUT into a stream. The server sends every row as one message; pg and pg-copy-streams handle each by itself, which
 * costs more than all the rest of our side. Here the five header bytes of each message are taken out of the received buffer in
 * place, and what is left goes on as one piece. Messages: https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
import type { Socket } from "node:net";
import type { Writable } from "node:stream";
import type pg from "pg";
import { divert } from "../../../util/reusing-socket.ts";

const copyData = 0x64;
/** CopyOutResponse, NoticeResponse, ParameterStatus: may come before and between rows, and hold nothing we need. */
const skipped = new Set([0x48, 0x4e, 0x53]);

/** What pg calls on a query object; the same that pg-copy-streams implements. */
interface Submittable {
  submit(connection: pg.Connection): void;
  handleError(error: unknown): void;
  handleCommandComplete(message: { readonly text?: string }): void;
  handleReadyForQuery(): void;
}

/**
 * The number of rows, when the last byte was handed to `to` and the server has confirmed; does not end `to`, and uses what it wrote
 * again as soon as `to` has called back. Rejects with pg's error.
 */
export function copyOut(client: pg.Client, statement: string, to: Writable): Promise<number> {
  return new Promise((resolve, reject) => {
    let detach = () => {};
    let rows = 0;
    const query: Submittable = {
      submit(connection) {
        detach = rowsInto(to, connection.stream as Socket);
        connection.query(statement);
      },
      handleError(error) {
        detach();
        reject(error);
      },
      handleCommandComplete(message) {
        rows = Number(/^COPY (\d+)/.exec(message.text ?? "")?.[1] ?? 0);
      },
      handleReadyForQuery: () => resolve(rows),
    };
    client.query(query);
  });
}

/** Takes rows out of what the socket receives until something else comes, which goes to pg's own listener again. */
function rowsInto(to: Writable, socket: Socket): () => void {
  const split = messageSplitter();
  const detach = divert(socket, (received, release) => {
    const { rows, rest } = split(received);
    if (rows.length === 0) release();
    else if (!to.write(rows, release)) {
      socket.pause();
      to.once("drain", () => socket.resume());
    }
    if (rest === undefined) return;
    detach(rest);
    // A stream that ends before it has drained never says so.
    socket.resume();
  });
  return detach;
}

/**
 * A function that is given the bytes of a connection piece by piece. `rows`: the contents of CopyData messages, moved together at
 * the start of the piece; `rest`: everything from the first message on that ends the copy.
 */
export function messageSplitter(): (received: Buffer) => { rows: Buffer; rest: Buffer | undefined } {
  let header: Buffer = Buffer.alloc(0);
  let left = 0;
  let wanted = false;
  return (received) => {
    const bytes = header.length > 0 ? Buffer.concat([header, received]) : received;
    header = Buffer.alloc(0);
    let read = 0;
    let written = 0;
    for (;;) {
      const part = Math.min(left, bytes.length - read);
      if (wanted && part > 0) {
        bytes.copyWithin(written, read, read + part);
        written += part;
      }
      read += part;
      left -= part;
      if (bytes.length - read < 5) break;
      const code = bytes[read] ?? 0;
      wanted = code === copyData;
      if (!wanted && !skipped.has(code))
        return { rows: bytes.subarray(0, written), rest: Buffer.from(bytes.subarray(read)) };
      left = bytes.readInt32BE(read + 1) - 4;
      read += 5;
    }
    if (left === 0 && read < bytes.length) header = Buffer.from(bytes.subarray(read));
    return { rows: bytes.subarray(0, written), rest: undefined };
  };
}
