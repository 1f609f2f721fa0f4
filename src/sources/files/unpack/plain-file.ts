/** What the engine reads: a stored file as it is, or a spooled copy where the engine cannot (zip, other encodings, S3). */
import type { RejectedInput } from "../../source.ts";
import { isGone } from "../list/local.ts";

/** One file on the local disk that the engine reads whole. */
export interface PlainFile {
  /** Path of the stored file it comes from. */
  readonly stored: string;
  /** Value of `_file`: the path, for a member of an archive "path!member". */
  readonly file: string;
  /** Value of `_file_hash`: of the stored file, also for a member. */
  readonly hash: string;
  /** Absolute path without characters that mean something to the engine. */
  readonly path: string;
  /** How its bytes are packed; the engine unpacks them. */
  readonly codec: Codec;
}

/** Words of the engine's file(). */
export type Codec = "none" | "gz" | "zstd";

/** A file whose records were counted and found sound, and how to select them. */
export interface CheckedFile {
  /** What is read. */
  readonly plain: PlainFile;
  /** With ClickHouse types, in the order of the file. */
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  /** Column name -> SQL expression over `from`. */
  readonly expressions: ReadonlyMap<string, string>;
  /** SQL expression of `_row`. */
  readonly row: string;
  /** What follows FROM, with its WHERE. */
  readonly from: string;
  /** Sound records. */
  readonly rows: number;
  /** Records that cannot be read, or whose values their types cannot hold. */
  readonly rejected: readonly RejectedInput[];
}

/** A file of which nothing can be used: it goes to quarantine as one reject and is read again when it changes. */
export class UnusableFile extends Error {
  override readonly name = "UnusableFile";
  readonly rule: string;

  constructor(rule: "truncated_archive" | "damaged_archive" | "unreadable_file", reason: string) {
    super(reason);
    this.rule = rule;
  }
}

/** Files of one extract, and those that were refused as a whole. */
export interface CheckedAll {
  /** In the order of the files. */
  readonly checked: readonly CheckedFile[];
  /** Each with the reject that stands for the whole file. */
  readonly refused: readonly { readonly plain: PlainFile; readonly reject: RejectedInput }[];
}

/** Runs a step for each file; one that turns out to be unusable is set aside, one that has vanished is left out. */
export async function eachFile<P extends { readonly plain: PlainFile }, T>(
  items: readonly P[],
  refused: { plain: PlainFile; reject: RejectedInput }[],
  step: (item: P, index: number) => Promise<T | undefined>,
): Promise<T[]> {
  const results: T[] = [];
  for (const [i, item] of items.entries()) {
    try {
      const result = await step(item, i);
      if (result !== undefined) results.push(result);
    } catch (error) {
      if (isGone(error)) continue;
      if (!(error instanceof UnusableFile)) throw error;
      refused.push({ plain: item.plain, reject: refusal(item.plain.file, error) });
    }
  }
  return results;
}

/** A whole file as one reject. Its bytes are not copied: the file itself is kept where it is. */
export function refusal(file: string, { rule, message }: UnusableFile): RejectedInput {
  return { sourceRef: file, rule, reason: message, raw: "" };
}
