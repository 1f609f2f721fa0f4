import * as fc from "fast-check";
import { expect, test } from "vitest";
import { messageSplitter } from "../../../src/sources/postgres/copy/copy-out.ts";

function message(code: string, content: Uint8Array): Buffer {
  const header = Buffer.alloc(5);
  header.write(code);
  header.writeInt32BE(content.length + 4, 1);
  return Buffer.concat([header, content]);
}

/** Cuts bytes into plainFiles of the given sizes, repeated. */
function* plainFiles(bytes: Buffer, sizes: readonly number[]): Generator<Buffer> {
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    yield Buffer.from(bytes.subarray(at, at + size));
    at += size;
  }
}

test("rows are the contents of the CopyData messages, wherever the network cuts them; the rest is untouched", () => {
  const noise = fc.tuple(fc.constantFrom("H", "N", "S"), fc.uint8Array({ maxLength: 20 }));
  const row = fc.tuple(fc.constant("d"), fc.uint8Array({ maxLength: 300 }));
  const stream = fc.array(fc.oneof({ weight: 5, arbitrary: row }, { weight: 1, arbitrary: noise }), {
    maxLength: 40,
  });
  const sizes = fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 8 });
  const end = fc.constantFrom("c", "E");
  fc.assert(
    fc.property(stream, sizes, end, (messages, cuts, last) => {
      const ending = Buffer.concat([message(last, Buffer.from("end\0")), message("Z", Buffer.from("I"))]);
      const bytes = Buffer.concat([...messages.map(([code, content]) => message(code, content)), ending]);
      const split = messageSplitter();
      const rows: Buffer[] = [];
      const rest: Buffer[] = [];
      for (const plain of plainFiles(bytes, cuts)) {
        if (rest.length > 0) {
          rest.push(plain);
          continue;
        }
        const found = split(plain);
        rows.push(Buffer.from(found.rows));
        if (found.rest !== undefined) rest.push(found.rest);
      }
      const expected = messages.filter(([code]) => code === "d").map(([, content]) => Buffer.from(content));
      expect(Buffer.concat(rows).equals(Buffer.concat(expected))).toBe(true);
      expect(Buffer.concat(rest).equals(ending)).toBe(true);
    }),
    { numRuns: 500 },
  );
});
