/** multipart/form-data: parameters as fields, external tables as files (RFC 7578). */
import { DatabaseError } from "./errors.ts";

/** One field or file of a form. */
export interface Part {
  /** Name of the field. */
  readonly name: string;
  /** Has a file name: the data of an external table. */
  readonly isFile: boolean;
  /** Its bytes, as they came. */
  readonly data: Buffer;
}

/** Bytes of all parts together: external tables are small lists; larger ones belong into a temporary table. */
const MAX_BYTES = 256 << 20;

/** The boundary, when the body is multipart/form-data. */
export function boundaryOf(contentType: string): string | undefined {
  if (!/^multipart\/form-data/i.test(contentType)) return undefined;
  const found = /boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType);
  return found?.[1] ?? found?.[2];
}

/** All parts of a form. Throws code 223 when it is too large. */
export async function readParts(body: AsyncIterable<Buffer>, boundary: string): Promise<readonly Part[]> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > MAX_BYTES)
      throw new DatabaseError(223, `Form data are limited to ${MAX_BYTES} bytes`, "QUERY_IS_TOO_LARGE");
    chunks.push(chunk);
  }
  return splitParts(Buffer.concat([Buffer.from("\r\n"), ...chunks]), Buffer.from(`\r\n--${boundary}`));
}

function splitParts(body: Buffer, separator: Buffer): readonly Part[] {
  const parts: Part[] = [];
  let at = body.indexOf(separator);
  while (at >= 0) {
    const start = at + separator.length;
    const end = body.indexOf(separator, start);
    const headEnd = body.indexOf("\r\n\r\n", start);
    if (end < 0 || headEnd < 0 || headEnd > end) break;
    const head = body.subarray(start, headEnd).toString();
    const name = /[; ]name="([^"]*)"/i.exec(head)?.[1] ?? /[; ]name=([^;\s]+)/i.exec(head)?.[1] ?? "";
    parts.push({ name, isFile: /[; ]filename\*?=/i.test(head), data: body.subarray(headEnd + 4, end) });
    at = end;
  }
  return parts;
}
