/**
 * The last copy of a table that brought nothing new, and the bronze it was compared with. The same rows over the same bronze bring
 * nothing new again: bronze need not be read to know that.
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { readMemory, writeMemory } from "../../util/memory-file.ts";
import type { ExtractWrite, SourceContext } from "../source.ts";

/** Which rows to copy and how they enter bronze. */
export interface CopyStart {
  readonly conditions: readonly string[];
  readonly write: ExtractWrite;
}

export interface LastCopy {
  readonly start: CopyStart;
  /** Of its rows; undefined: they were too many. */
  readonly digest: string | undefined;
}

export interface CopyMemory {
  /** Undefined when it was over another bronze, or was asked for in another way. */
  recall(): Promise<LastCopy | undefined>;
  /** To be called for a copy that brought nothing new. */
  keep(copy: LastCopy): Promise<void>;
}

/** `asked`: all that decides what a copy means, bronze at its version included; anything that JSON can hold. */
export function copyMemory(
  { cacheDir }: Pick<SourceContext, "cacheDir">,
  table: string,
  asked: unknown,
): CopyMemory {
  if (cacheDir === undefined) return { recall: async () => undefined, keep: async () => {} };
  const file = join(cacheDir, `copied-${hash(table).slice(0, 16)}.json`);
  const key = hash(JSON.stringify(asked));
  return {
    async recall() {
      const stored = (await readMemory(file)) as (LastCopy & { readonly key: string }) | undefined;
      return stored?.key === key ? stored : undefined;
    },
    keep: ({ start, digest }) => writeMemory(file, { key, start, digest }),
  };
}

function hash(value: string): string {
  return createHash("sha256").update(value).digest("hex");
}
