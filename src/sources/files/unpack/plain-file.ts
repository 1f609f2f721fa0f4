/** What the engine reads: a stored file as it is, or a spooled copy where the engine cannot (zip, other encodings, S3). */
import { clickHouseCode } from "../../../engine/engine-error.ts";
import { ShoplakeError } from "../../../util/errors.ts";
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
  /** Name of the reject's rule. */
  readonly rule: string;
  /**
   * The error that stops the task when no other file of the run can be used either: the file can be opened, but not with the
   * options that the source has. Undefined: the file alone is broken.
   */
  readonly fault: ShoplakeError | undefined;

  constructor(
    rule: "truncated_archive" | "damaged_archive" | "unreadable_file" | "unusable_names",
    reason: string,
    fault?: ShoplakeError,
  ) {
    super(reason);
    this.rule = rule;
    this.fault = fault;
  }
}

/** ClickHouse's number for a statement that needs more memory than it may have. */
const memoryLimit = 241;

/** True when the engine may read the file where it has more memory. */
export function lacksMemory(error: unknown): boolean {
  return clickHouseCode(error) === memoryLimit;
}

/**
 * True when the engine cannot read a file, so that it has to be gone through record by record: also when a record of it takes all
 * of the engine's memory.
 */
export function isUnreadable(error: unknown): boolean {
  return error instanceof ShoplakeError && (!error.retryable || lacksMemory(error));
}

/**
 * What is wrong with a file, by an error that came up while it was read. Throws the error itself when it says nothing about the
 * file: the task was stopped, the disk is full, the engine may answer later.
 */
export function fileFault(error: unknown): UnusableFile {
  if (error instanceof UnusableFile) return error;
  const ofInput = error instanceof ShoplakeError && (error.code === "source" || error.code === "engine");
  if (!ofInput || error.retryable) throw error;
  const { hint } = error.details;
  const reason = hint === undefined ? error.message : `${error.message} ${hint}`;
  return new UnusableFile("unreadable_file", reason, error);
}

/** A file that was refused as a whole. */
export interface RefusedFile {
  /** Which file, or which member of an archive. */
  readonly plain: Pick<PlainFile, "stored" | "file">;
  /** What is wrong with it. */
  readonly problem: UnusableFile;
}

/** Files of one extract, and those that were refused as a whole. */
export interface CheckedAll {
  /** In the order of the files. */
  readonly checked: readonly CheckedFile[];
  /** Each with what is wrong with it. */
  readonly refused: readonly RefusedFile[];
}

/** Runs a step for each file; one that turns out to be unusable is set aside, one that has vanished is left out. */
export async function eachFile<P extends { readonly plain: PlainFile }, T>(
  items: readonly P[],
  refused: RefusedFile[],
  step: (item: P, index: number) => Promise<T | undefined>,
): Promise<T[]> {
  const results: T[] = [];
  for (const [i, item] of items.entries()) {
    try {
      const result = await step(item, i);
      if (result !== undefined) results.push(result);
    } catch (error) {
      if (isGone(error)) continue;
      refused.push({ plain: item.plain, problem: fileFault(error) });
    }
  }
  return results;
}

/** A whole file as one reject. Its bytes are not copied: the file itself is kept where it is. */
export function refusal({ plain, problem }: RefusedFile): RejectedInput {
  return {
    sourceRef: plain.file,
    rule: problem.rule,
    reason: problem.message.replace(/\p{Surrogate}/gu, "\ufffd"),
    raw: "",
  };
}
