/** How the parts of the state read and write: through one buffer, so that a read sees what was recorded before. */
import type { Engine, ParameterValue } from "../engine/engine.ts";
import { insertBuffer } from "./insert-buffer.ts";
import type { Raw } from "./rows.ts";

/** The way to the tables of `ops`. Whatever asks the engine throws `engine` when it fails. */
export interface Access {
  /** Collects rows for a table of `ops`; see insert-buffer.ts. */
  add(table: string, rows: readonly object[]): void;
  /** Writes what was collected, and then these rows, before it returns. */
  write(table: string, rows: readonly object[]): Promise<void>;
  /** Writes what was collected. */
  flush(): Promise<void>;
  /** Writes what was collected, then asks. */
  rows(sql: string, params?: Readonly<Record<string, ParameterValue>>): Promise<readonly Raw[]>;
  /** Writes what was collected, then changes rows that are there already; waits until that is done. */
  change(sql: string, params: Readonly<Record<string, ParameterValue>>): Promise<void>;
  /** What records are stamped with. */
  readonly clock: () => Date;
}

/** Nothing is asked or written before the first call. */
export function openAccess(engine: Engine, clock: () => Date): Access {
  const { add, flush } = insertBuffer(engine);
  return {
    add,
    flush,
    clock,
    async write(table, rows) {
      await flush();
      await engine.insert(table, rows);
    },
    async change(sql, params) {
      await flush();
      await engine.command(sql, { params, settings: { mutations_sync: 1 } });
    },
    async rows(sql, params = {}) {
      await flush();
      return engine.rows<Raw>(sql, { params });
    },
  };
}
