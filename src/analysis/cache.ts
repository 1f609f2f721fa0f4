/** Results that depend only on their key, kept as files in the folder of state. Losing one costs time, nothing else. */
import { join } from "node:path";
import { keyedMemory } from "../util/memory-file.ts";

/** Raise when what is stored changes its meaning. */
const format = 2;

/** Where a value is stored, and for what. */
export interface Place<T> {
  /** Name of the file, without its ending. */
  readonly name: string;
  /** What the value depends on; anything JSON can hold. */
  readonly key: unknown;
  /** False: the value is not stored. Default: every value is. */
  readonly isWorthKeeping?: (value: T) => boolean;
}

/**
 * The value stored under `name` if it was stored for the same `key` (anything JSON can hold), else what `compute` gives,
 * which is then stored. One value is kept for each name. A folder that cannot be written is no error.
 */
export async function cached<T>(
  dir: string | undefined,
  { name, key, isWorthKeeping = () => true }: Place<T>,
  compute: () => Promise<T>,
): Promise<T> {
  if (dir === undefined) return compute();
  const memory = keyedMemory<T>(join(dir, `${name}.json`), [format, key]);
  const stored = await memory.recall();
  if (stored !== undefined) return stored;
  const value = await compute();
  if (isWorthKeeping(value)) await memory.keep(value);
  return value;
}
