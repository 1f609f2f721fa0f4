/** Unreadable files of input, as the quarantine takes them. */
import { isUtf8 } from "node:buffer";
import { ShoplakeError } from "../../../util/errors.ts";
import type { RejectedInput } from "../../source.ts";

/** Rejects of one extract that are held in memory; more of them mean a wrong option, not bad lines. */
export const mostRejects = 100_000;
const mostBytes = 256 << 20;

/**
 * One record as a reject; bytes that are not UTF-8 are kept as base64. A reason that quotes half of a character of the record is
 * made whole. `sourceRef`: "inbox/a.csv:17".
 */
export function rejectOf(sourceRef: string, rule: string, given: string, bytes: Buffer): RejectedInput {
  const reason = wellFormed(given);
  return isUtf8(bytes)
    ? { sourceRef, rule, reason, raw: bytes.toString("utf8") }
    : { sourceRef, rule, reason, raw: bytes.toString("base64"), rawEncoding: "base64" };
}

/** Text in which U+FFFD stands for each half of a surrogate pair: no encoding can write one. */
export function wellFormed(given: string): string {
  return given.replace(/\p{Surrogate}/gu, "\ufffd");
}

/** Adds one reject. Throws a `source` error when there are too many to be single bad lines. */
export function keepReject(rejected: RejectedInput[], reject: RejectedInput): void {
  rejected.push(reject);
  const bytes = sizes.get(rejected) ?? 0;
  sizes.set(rejected, bytes + reject.raw.length);
  if (rejected.length <= mostRejects && bytes <= mostBytes) return;
  throw new ShoplakeError("source", `Too much of the file cannot be read: ${rejected.length} records.`, {
    where: reject.sourceRef,
    hint: `The last one: ${reject.reason} Check delimiter, quote, encoding and format in the source's options.`,
  });
}

const sizes = new WeakMap<RejectedInput[], number>();
