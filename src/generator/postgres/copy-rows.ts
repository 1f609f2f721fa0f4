/** Rows into a PostgreSQL table by COPY, in memory that does not grow with their number. */
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type pg from "pg";
import copyStreams from "pg-copy-streams";
import { pgIdent } from "../../util/postgres.ts";
import { chunked } from "../chunks.ts";
import type { Cell } from "../tables/table.ts";

/** Rows, and the table that they go into. */
export interface CopyOptions {
  /** The table, quoted. */
  readonly into: string;
  /** In the order of the values of each row. */
  readonly columns: readonly string[];
  /** Read once, one at a time. */
  readonly rows: Iterable<readonly Cell[]>;
  /** The table was made in this transaction: its rows need no check of who may see them. */
  readonly fresh?: boolean;
  /** Ends the copying; the transaction has to be rolled back then. */
  readonly signal?: AbortSignal | undefined;
  /** Called with the number of rows so far, now and then. */
  readonly onRows?: ((rows: number) => void) | undefined;
}

/** Gives the number of rows. */
export async function copyRows(client: pg.Client, options: CopyOptions): Promise<number> {
  const { into, columns, rows, fresh = false, signal, onRows } = options;
  const copy = client.query(
    copyStreams.from(
      `COPY ${into} (${columns.map(pgIdent).join(", ")}) FROM STDIN${fresh ? " WITH (FREEZE)" : ""}`,
    ),
  );
  await pipeline(Readable.from(chunked({ rows, line: copyLine, onRows }), { objectMode: false }), copy, {
    ...(signal && { signal }),
  });
  return copy.rowCount;
}

function copyLine(row: readonly Cell[]): string {
  let line = "";
  for (const cell of row) {
    if (line !== "") line += "\t";
    if (cell === null) line += "\\N";
    else if (typeof cell === "string") line += special.test(cell) ? cell.replace(specials, escaped) : cell;
    else line += cell;
  }
  return `${line}\n`;
}

const special = /[\\\t\n\r]/;
const specials = /[\\\t\n\r]/g;
const escapes: Readonly<Record<string, string>> = { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r" };

function escaped(char: string): string {
  return escapes[char] ?? char;
}
