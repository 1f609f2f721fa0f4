/** A hash for places that hold only whole numbers up to 2^53. */
import { createHash } from "node:crypto";

/** 52 bits of the SHA-256: exact as a JavaScript number, as JSON and as a Delta `txn` version. */
export function hash52(content: string | Uint8Array): number {
  return Number.parseInt(createHash("sha256").update(content).digest("hex").slice(0, 13), 16);
}
