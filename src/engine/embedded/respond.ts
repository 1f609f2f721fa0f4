/** Writes answers: headers, the result, and an error that comes after its first rows. */
import { randomBytes } from "node:crypto";
import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { gzipSync } from "node:zlib";
import { STOPPING } from "../engine-error.ts";
import { encodeBody } from "./compression/encodings.ts";
import type { ServerContext } from "./context.ts";
import type { Result } from "./database.ts";
import { DatabaseError, type ErrorReply, errorReply } from "./errors.ts";
import type { Exchange, Outcome } from "./execute.ts";
import { contentType } from "./formats.ts";

/** Sends the outcome; slot, session and query id are released before the last byte. */
export async function sendOutcome(
  context: ServerContext,
  exchange: Exchange,
  outcome: Outcome,
  response: ServerResponse,
): Promise<void> {
  const { head, rest, end } = outcome;
  response.setHeader("Content-Type", outcome.writes ? contentType("") : contentType(outcome.format ?? ""));
  if (outcome.format) response.setHeader("X-ClickHouse-Format", outcome.format);
  const { encoding, steps } = encodeBody(
    exchange.params,
    outcome.writes ? "" : String(exchange.request.headers["accept-encoding"] ?? ""),
  );
  if (encoding !== undefined) response.setHeader("Content-Encoding", encoding);
  if (!rest) response.setHeader("X-ClickHouse-Summary", summaryOf(await end, outcome.writes));
  if (!rest && steps.length === 0) {
    await exchange.cleanup.run();
    response.setHeader("Content-Length", head.length);
    response.writeHead(200).end(head);
    return;
  }
  const tag = randomBytes(8).toString("hex");
  response.setHeader("X-ClickHouse-Exception-Tag", tag);
  response.writeHead(200);
  const stopWatch = watchReader(response, context.sendTimeoutMs);
  const source = async function* () {
    if (head.length > 0) yield head;
    if (rest) for await (const chunk of rest) yield chunk as Buffer;
    const failure = await end.then(
      () => undefined,
      (error: unknown) => error,
    );
    await exchange.cleanup.run();
    if (failure !== undefined) yield exceptionBlock(replyFor(context, failure), tag);
  };
  try {
    await pipeline([Readable.from(source(), { objectMode: false }), ...steps, response]);
  } catch {
    response.destroy();
  } finally {
    stopWatch();
    rest?.destroy();
    await end.catch(() => {});
  }
}

/** Sends an error as the whole answer, or cuts the connection when an answer has begun. */
export async function sendError(
  context: ServerContext,
  exchange: Exchange,
  error: unknown,
  response: ServerResponse,
): Promise<void> {
  await exchange.cleanup.run();
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const reply = replyFor(context, error);
  if (!exchange.request.complete) {
    exchange.request.resume();
    response.setHeader("Connection", "close");
  }
  response.setHeader("X-ClickHouse-Exception-Code", reply.code);
  if (reply.status === 503) response.setHeader("Retry-After", 1);
  const { encoding } = encodeBody(exchange.params, String(exchange.request.headers["accept-encoding"] ?? ""));
  const body = encoding === "gzip" ? gzipSync(reply.text) : Buffer.from(reply.text);
  if (encoding === "gzip") response.setHeader("Content-Encoding", encoding);
  response.writeHead(reply.status, { "Content-Type": contentType(""), "Content-Length": body.length });
  response.end(body);
}

/** A statement killed because the engine stops failed for no reason of its own: its client may send it again. */
function replyFor(context: ServerContext, error: unknown): ErrorReply {
  const { version } = context.database;
  const reply = errorReply(error, version);
  const killed = reply.code === 394 && context.isStopping();
  return killed ? errorReply(stoppedError(), version) : reply;
}

/** What a client is told while the engine stops: the statement was not run. */
export function stoppingError(): DatabaseError {
  return new DatabaseError(210, STOPPING, "NETWORK_ERROR", 503);
}

function stoppedError(): DatabaseError {
  return new DatabaseError(210, "The engine stopped in the middle of this statement", "NETWORK_ERROR", 503);
}

/** The error behind rows already sent, in the form clients look for at the end of a stream. */
function exceptionBlock({ text }: ErrorReply, tag: string): Buffer {
  const length = Buffer.byteLength(text);
  return Buffer.from(`\r\n__exception__\r\n${tag}\r\n${text}${length} ${tag}\r\n__exception__\r\n`);
}

/** Counts as text, as ClickHouse sends them. Of a SELECT the engine tells the rows read, not those of the result. */
function summaryOf(result: Result, writes: boolean): string {
  const { rowsRead, bytesRead, rowsWritten, bytesWritten } = result;
  const counts = {
    read_rows: writes ? rowsWritten : rowsRead,
    read_bytes: writes ? bytesWritten : bytesRead,
    written_rows: rowsWritten,
    written_bytes: bytesWritten,
    total_rows_to_read: rowsRead,
    result_rows: writes ? rowsWritten : rowsRead,
    result_bytes: writes ? bytesWritten : 0,
    elapsed_ns: 0,
    memory_usage: 0,
  };
  return JSON.stringify(Object.fromEntries(Object.entries(counts).map(([name, n]) => [name, String(n)])));
}

/** Cuts off a client that reads nothing for `timeoutMs`; returns how to stop watching. */
function watchReader(response: ServerResponse, timeoutMs: number): () => void {
  const socket = response.socket;
  let sent = -1;
  const timer = setInterval(() => {
    const now = socket ? socket.bytesWritten - socket.writableLength : 0;
    if (now === sent && response.writableNeedDrain) response.destroy();
    sent = now;
  }, timeoutMs).unref();
  return () => clearInterval(timer);
}
