/** Rows as text, about 64 kB at a time. */
import type { Cell } from "./tables/table.ts";

/** Rows and how each is written. */
export interface ChunkOptions {
  /** Read once, one at a time. */
  readonly rows: Iterable<readonly Cell[]>;
  /** A row as text, with its line's end. */
  readonly line: (row: readonly Cell[]) => string;
  /** What comes first. Default nothing. */
  readonly head?: string;
  /** Called with the number of rows so far, for every chunk. */
  readonly onRows?: ((rows: number) => void) | undefined;
}

const chunkLength = 65_536;

/** Bytes in UTF-8. Only one chunk is in memory at a time. */
export function* chunked({ rows, line, head = "", onRows }: ChunkOptions): Generator<Buffer> {
  let text = head;
  let count = 0;
  for (const row of rows) {
    text += line(row);
    count++;
    if (text.length < chunkLength) continue;
    yield Buffer.from(text);
    onRows?.(count);
    text = "";
  }
  if (text !== "") yield Buffer.from(text);
  onRows?.(count);
}
