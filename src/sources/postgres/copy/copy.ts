/** COPY (SELECT ...) TO STDOUT as an extract: text form, bytes passed on unparsed, read by the engine as TSV. */
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { Transform } from "node:stream";
import type pg from "pg";
import type { Column } from "../../../engine/engine.ts";
import { ident, table, text } from "../../../engine/sql.ts";
import { SPOOL_DATABASE, spoolTable } from "../../../engine/temporary-names.ts";
import { messageOf, ShoplakeError } from "../../../util/errors.ts";
import { makeFifo, removeFifo, writeFifo } from "../../../util/fifo.ts";
import { pgIdent, postgresError } from "../../../util/postgres.ts";
import type { SourceContext } from "../../source.ts";
import { type ColumnReader, refusedValue } from "../tables/types.ts";
import { type BegunCopy, beginCopy } from "./begin-copy.ts";

/** Everything that could make the engine read the text in another way than COPY wrote it is switched off. */
const tsvSettings = {
  input_format_tsv_detect_header: 0,
  input_format_tsv_empty_as_default: 0,
  input_format_null_as_default: 0,
  input_format_allow_errors_num: 0,
  input_format_allow_errors_ratio: 0,
  input_format_tsv_allow_variable_number_of_columns: 0,
  input_format_tsv_crlf_end_of_line: 0,
  input_format_tsv_skip_first_lines: 0,
  input_format_defaults_for_omitted_fields: 0,
  format_tsv_null_representation: "\\N",
  date_time_input_format: "basic",
} as const;

/** Which rows and columns to copy, and on which connection. */
export interface CopyRequest {
  /** Used for nothing else until the copy has ended. */
  readonly client: pg.Client;
  /** "shop.public.orders", for messages. */
  readonly where: string;
  /** Not quoted. */
  readonly schema: string;
  /** Not quoted. */
  readonly table: string;
  /** In the order of the text form. */
  readonly columns: readonly ColumnReader[];
  /** Conditions in PostgreSQL's words, all of which must hold. */
  readonly conditions: readonly string[];
}

/** What the engine reads, and what feeds it. */
export interface Copied {
  /** Table expression of exactly the requested columns; read once. */
  readonly from: string;
  /** Settings that the statement needs to read the text as COPY wrote it. */
  readonly settings: Readonly<Record<string, string | number>>;
  /** Feeds the pipe while the engine reads it, and gives the number of rows; undefined: all rows are there already. */
  readonly pump: ((signal: AbortSignal) => Promise<number>) | undefined;
  /** Rows, when they are known before reading. */
  readonly rows?: number;
  /** Removes the pipe or the uploaded rows. */
  dispose(): Promise<void>;
}

/** PostgreSQL's statement; it has no ORDER BY, so rows come in any order. */
export function copyStatement(request: CopyRequest): string {
  const columns = request.columns.map(({ select }) => select).join(", ");
  const where = request.conditions.length === 0 ? "" : ` WHERE ${request.conditions.join(" AND ")}`;
  return `COPY (SELECT ${columns} FROM ${pgIdent(request.schema)}.${pgIdent(request.table)}${where}) TO STDOUT`;
}

/** Asks the server for the rows. Throws `source`, with what the server says, when it refuses. */
export function askFor(request: CopyRequest, { signal }: SourceContext): Promise<BegunCopy> {
  return beginCopy(request.client, copyStatement(request)).catch((error: unknown) => {
    throw copyError(error, request, signal);
  });
}

/** Embedded engine: through a named pipe, while it reads. A server cannot open our pipes: its rows are uploaded first. */
export function startCopy(copy: BegunCopy, request: CopyRequest, context: SourceContext): Promise<Copied> {
  const through = context.engine.kind === "embedded" ? throughPipe : throughUpload;
  return through(copy, request, context);
}

async function throughPipe(copy: BegunCopy, request: CopyRequest, context: SourceContext): Promise<Copied> {
  const path = join(context.spool, `copy-${randomUUID()}.fifo`);
  // More tabs than columns: a line that the TSV reader refuses whatever came before it.
  const poison = `${"\t".repeat(request.columns.length + 2)}\n`;
  await makeFifo(path);
  return {
    from: `file(${text(path)}, 'TSV', ${text(structure(request.columns))})`,
    settings: tsvSettings,
    async pump(signal) {
      return await writeFifo(path, copy.feed, poison, signal).catch((error: unknown) => {
        throw copyError(error, request, signal);
      });
    },
    dispose: () => removeFifo(path, poison),
  };
}

async function throughUpload(copy: BegunCopy, request: CopyRequest, context: SourceContext): Promise<Copied> {
  const { engine, signal } = context;
  const name = table(spoolTable(engine, randomUUID().replaceAll("-", "")));
  await engine.command(`CREATE DATABASE IF NOT EXISTS ${SPOOL_DATABASE}`);
  await engine.command(`CREATE TABLE ${name} (${structure(request.columns)}) ENGINE = Log`);
  const dispose = async () => {
    await engine.command(`DROP TABLE IF EXISTS ${name} SYNC`);
  };
  try {
    // Copies, because what was written is used again while a stream in between still holds it.
    const bytes = new Transform({ transform: (rows: Buffer, _, done) => done(null, Buffer.from(rows)) });
    const copying = copy.feed(bytes).then(
      (rows) => {
        bytes.end();
        return rows;
      },
      (error: unknown) => {
        bytes.destroy(error instanceof Error ? error : new Error(messageOf(error)));
        throw error;
      },
    );
    const uploading = engine.upload(`INSERT INTO ${name} FORMAT TSV`, bytes, {
      settings: tsvSettings,
      signal,
    });
    const [rows] = await Promise.all([copying, uploading]);
    return { from: name, settings: {}, pump: undefined, rows, dispose };
  } catch (error) {
    await dispose();
    throw copyError(error, request, signal);
  }
}

function structure(columns: readonly Column[]): string {
  return columns.map(({ name, type }) => `${ident(name)} ${type}`).join(", ");
}

/** Names the value that cannot be kept; else says what PostgreSQL said. An abort stays an abort. */
function copyError(error: unknown, request: CopyRequest, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  const refused = refusedValue(messageOf(error));
  if (refused === undefined) return postgresError(error, "source", request.where);
  const { column, value, key } = refused;
  return new ShoplakeError(
    "source",
    `Column ${column} holds ${value}${key === "" ? "" : ` in the row ${key}`}, which bronze cannot keep exactly.`,
    {
      where: request.where,
      allowed: "numbers without NaN and Infinity; dates and times of the years 1900 to 2299",
      hint: `Correct the row, leave it out with where, or keep the column as text: asText: ["${column}"].`,
      cause: error,
    },
  );
}
