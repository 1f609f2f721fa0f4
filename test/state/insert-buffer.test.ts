import { expect, test } from "vitest";
import { insertBuffer } from "../../src/state/insert-buffer.ts";

interface Written {
  readonly table: string;
  readonly rows: readonly object[];
}

/** Remembers what it is given; refuses while `broken`. */
function recorder() {
  const written: Written[] = [];
  const state = { broken: false };
  return {
    written,
    state,
    insert: async (table: string, rows: readonly object[]) => {
      if (state.broken) throw new Error("disk full");
      written.push({ table, rows });
      return { readRows: 0, writtenRows: rows.length };
    },
  };
}

test("one write per table, in order", async () => {
  const engine = recorder();
  const buffer = insertBuffer(engine, 60_000);
  buffer.add("a", [{ n: 1 }]);
  buffer.add("b", [{ n: 2 }]);
  buffer.add("a", [{ n: 3 }, { n: 4 }]);
  buffer.add("a", []);
  await Promise.all([buffer.flush(), buffer.flush()]);
  expect(engine.written).toEqual([
    { table: "a", rows: [{ n: 1 }, { n: 3 }, { n: 4 }] },
    { table: "b", rows: [{ n: 2 }] },
  ]);
  await buffer.flush();
  expect(engine.written).toHaveLength(2);
});

test("writes by itself after the delay", async () => {
  const engine = recorder();
  insertBuffer(engine, 5).add("a", [{ n: 1 }]);
  await expect.poll(() => engine.written, { timeout: 10_000 }).toHaveLength(1);
});

test("what a failed write in the background left is written by flush, nothing lost or doubled", async () => {
  const engine = recorder();
  const buffer = insertBuffer(engine, 1);
  engine.state.broken = true;
  buffer.add("a", [{ n: 1 }]);
  await new Promise((resolve) => setTimeout(resolve, 20));
  buffer.add("a", [{ n: 2 }]);
  await expect(buffer.flush()).rejects.toThrow("disk full");
  engine.state.broken = false;
  await buffer.flush();
  expect(engine.written).toEqual([{ table: "a", rows: [{ n: 1 }, { n: 2 }] }]);
});
