/** Results that depend only on their key, kept as files in the folder of state. Losing one costs time, nothing else. */
import { join } from "node:path";
import { keyedMemory } from "../util/memory-file.ts";

/** Raise when what is stored changes its meaning. */
const format = 1;

/**
 * The value stored under `name` if it was stored for the same `key` (anything JSON can hold), else what `compute` gives,
 * which is then stored. One value is kept for each name. A folder that cannot be written is no error.
 */
export async function cached<T>(
  dir: string | undefined,
  { name, key }: { readonly name: string; readonly key: unknown },
  compute: () => Promise<T>,
): Promise<T> {
  if (dir === undefined) return compute();
  const memory = keyedMemory<T>(join(dir, `${name}.json`), [format, key]);
  const stored = await memory.recall();
  if (stored !== undefined) return stored;
  const value = await compute();
  await memory.keep(value);
  return value;
}
