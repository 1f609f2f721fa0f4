/** Results that depend only on their key, kept as files in the folder of state. Losing one costs time, nothing else. */
import { createHash, randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

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
  const hash = createHash("sha256")
    .update(JSON.stringify([format, key]))
    .digest("hex");
  const file = join(dir, `${name}.json`);
  const stored = read(file);
  if (stored?.hash === hash) return stored.value as T;
  const value = await compute();
  write(dir, file, JSON.stringify({ hash, value }));
  return value;
}

function read(file: string): { hash: string; value: unknown } | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

function write(dir: string, file: string, text: string): void {
  const temporary = `${file}.${randomUUID()}.tmp`;
  try {
    mkdirSync(dir, { recursive: true });
    writeFileSync(temporary, text);
    renameSync(temporary, file);
  } catch {
    return;
  }
}
