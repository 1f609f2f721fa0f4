/** Collects rows of small INSERTs and writes them together. */
import type { Engine } from "../engine/engine.ts";

/** An INSERT costs milliseconds, a row nearly nothing: so rows wait for each other. */
export interface InsertBuffer {
  /** Adds rows for a table; they are written within `delay`. */
  add(table: string, rows: readonly object[]): void;
  /** Writes everything that was added before, also what a write in the background failed to write. Throws when it fails. */
  flush(): Promise<void>;
}

/** `delay` in milliseconds, default 500. Rows of one table keep their order. A failed write keeps its rows for the next. */
export function insertBuffer(engine: Pick<Engine, "insert">, delay = 500): InsertBuffer {
  const waiting = new Map<string, object[]>();
  let writing: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;

  const writeAll = async (): Promise<void> => {
    const batches = [...waiting];
    waiting.clear();
    const written = await Promise.allSettled(batches.map(([table, rows]) => engine.insert(table, rows)));
    for (const [i, result] of written.entries()) {
      const [table, rows] = batches[i] ?? ["", []];
      if (result.status === "rejected") waiting.set(table, [...rows, ...(waiting.get(table) ?? [])]);
    }
    const failed = written.find((result) => result.status === "rejected");
    if (failed) throw failed.reason;
  };

  const flush = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    writing = writing.catch(() => undefined).then(writeAll);
    return writing;
  };

  return {
    flush,
    add(table, rows) {
      if (rows.length === 0) return;
      waiting.set(table, [...(waiting.get(table) ?? []), ...rows]);
      timer ??= setTimeout(() => void flush().catch(() => undefined), delay).unref();
    },
  };
}
