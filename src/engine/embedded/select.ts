/** Runs a statement with a result of any size. */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { Readable } from "node:stream";
import { text } from "../sql.ts";
import type { DatabaseSession, Result } from "./database.ts";
import { withQueryIds } from "./query-id.ts";
import { openPipe } from "./result-pipe.ts";
import type { Statement } from "./statement.ts";

/** Bytes and milliseconds after the first byte for which a reply is held back, to give short results an exact status. */
const HOLD_BYTES = 65_536;
const HOLD_MS = 50;

/** A result on its way. */
export interface StreamedResult {
  /** The first bytes; the whole result when `rest` is undefined. */
  readonly head: Buffer;
  /** What comes after `head`. */
  readonly rest: Readable | undefined;
  /** Settles when the statement has ended in the engine. Of a result without `rest` it has. */
  readonly end: Promise<Result>;
}

/** `SELECT ... INTO OUTFILE '<path>' FORMAT f SETTINGS ...`: a FORMAT clause of the statement is replaced. */
export function selectInto(sql: Buffer, statement: Statement, format: string, target: string): string {
  const { format: clause, settings, end } = statement;
  const before = withQueryIds(sql, statement, settings?.start ?? clause?.start ?? end);
  const moved = settings ? sql.subarray(settings.start, settings.end).toString() : "";
  const after = clause ? sql.subarray(clause.end, end).toString() : "";
  return `${before}\nINTO OUTFILE ${text(target)} TRUNCATE FORMAT ${format} ${moved}\n${after}`;
}

/** Streams the result through the pipe that `sql` names as its target. Throws the statement's error while nothing was sent. */
export async function streamResult(
  session: DatabaseSession,
  sql: string,
  pipe: string,
  signal: AbortSignal,
): Promise<StreamedResult> {
  const { readable, closeWriter } = openPipe(pipe);
  const abort = () => readable.destroy();
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort, { once: true });
  readable.once("close", () => signal.removeEventListener("abort", abort));
  const end = session.run(sql, "Null").finally(closeWriter);
  end.catch(() => {});
  const { head, complete } = await holdBack(readable);
  if (!complete) return { head, rest: readable, end };
  await end;
  return { head, rest: undefined, end };
}

/** Writes the whole result to a file first, so that status and summary are exact (`wait_end_of_query`). */
export async function spoolResult(
  session: DatabaseSession,
  sql: string,
  file: string,
): Promise<StreamedResult> {
  const result = await session.run(sql, "Null");
  const end = Promise.resolve(result);
  const written = await stat(file).catch(() => undefined);
  if (!written?.size) return { head: Buffer.alloc(0), rest: undefined, end };
  return { head: Buffer.alloc(0), rest: createReadStream(file), end };
}

function holdBack(readable: Readable): Promise<{ readonly head: Buffer; readonly complete: boolean }> {
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    let size = 0;
    let timer: NodeJS.Timeout | undefined;
    const stop = (complete: boolean) => {
      clearTimeout(timer);
      readable.off("data", take).off("close", closed);
      readable.pause();
      resolve({ head: Buffer.concat(parts), complete });
    };
    const take = (chunk: Buffer) => {
      parts.push(chunk);
      size += chunk.length;
      if (size > HOLD_BYTES) stop(false);
      else timer ??= setTimeout(() => stop(false), HOLD_MS);
    };
    const closed = () => stop(true);
    readable.on("data", take).on("close", closed);
  });
}
