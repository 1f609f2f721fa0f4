/** Reads result bodies: an error that comes after the first rows is thrown, never passed on as data. */
import { Transform, type TransformCallback } from "node:stream";
import { replyError } from "./engine-error.ts";

/** Passes bytes through until the exception block announced by the header X-ClickHouse-Exception-Tag. */
export function exceptionFilter(tag: string): Transform {
  const marker = Buffer.from(`\r\n__exception__\r\n${tag}\r\n`);
  let held: Buffer = Buffer.alloc(0);
  let failed = false;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      held = held.length > 0 ? Buffer.concat([held, chunk]) : chunk;
      if (failed) return done();
      const at = held.indexOf(marker);
      if (at >= 0) {
        failed = true;
        if (at > 0) this.push(held.subarray(0, at));
        held = held.subarray(at + marker.length);
        return done();
      }
      const safe = Math.max(0, held.length - marker.length + 1);
      if (safe > 0) this.push(held.subarray(0, safe));
      held = held.subarray(safe);
      done();
    },
    flush(done: TransformCallback) {
      if (failed) return done(replyError(held.toString().replace(/\d+ \S+\s*__exception__\s*$/, "")));
      done(null, held);
    },
  });
}

/** Parses JSONEachRow as it arrives. */
export async function collectRows<T>(stream: AsyncIterable<Buffer>): Promise<T[]> {
  const rows: T[] = [];
  let open: Buffer[] = [];
  for await (const chunk of stream) {
    let from = 0;
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, from)) {
      const line =
        open.length > 0 ? Buffer.concat([...open, chunk.subarray(from, at)]) : chunk.subarray(from, at);
      open = [];
      from = at + 1;
      if (line.length > 0) rows.push(JSON.parse(line.toString()) as T);
    }
    if (from < chunk.length) open.push(chunk.subarray(from));
  }
  const last = Buffer.concat(open).toString().trim();
  if (last !== "") rows.push(JSON.parse(last) as T);
  return rows;
}
