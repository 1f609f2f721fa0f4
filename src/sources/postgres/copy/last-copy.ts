/**
 * The last copy of a table that brought nothing new, and the bronze it was compared with. The same rows over the same bronze bring
 * nothing new again: bronze need not be read to know that.
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { type KeyedMemory, keyedMemory } from "../../../util/memory-file.ts";
import type { ExtractWrite, SourceContext } from "../../source.ts";

/** Which rows to copy and how they enter bronze. */
export interface CopyStart {
  /** Condition of PostgreSQL for the rows to copy; undefined: all. */
  readonly condition?: string;
  /** Whether rows are added or replace others. */
  readonly write: ExtractWrite;
  /** SQL of PostgreSQL for the greatest cursor value that is believed, when bronze holds greater ones. */
  readonly passed?: string;
}

/** What is remembered between two runs. */
export interface LastCopy {
  /** How it was asked for. */
  readonly start: CopyStart;
  /** Of its rows; undefined: they were too many. */
  readonly digest: string | undefined;
}

const nothing: KeyedMemory<LastCopy> = { recall: async () => undefined, keep: async () => {} };

/** `asked`: all that decides what a copy means, bronze at its version included; anything that JSON can hold. */
export function lastCopy(
  { cacheDir }: Pick<SourceContext, "cacheDir">,
  table: string,
  asked: unknown,
): KeyedMemory<LastCopy> {
  if (cacheDir === undefined) return nothing;
  const name = createHash("sha256").update(table).digest("hex").slice(0, 16);
  return keyedMemory(join(cacheDir, `copied-${name}.json`), asked);
}
