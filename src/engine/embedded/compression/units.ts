import { Transform } from "node:stream";

/** What was found at the start of a buffer: `size` bytes are used up, `output` goes on. */
export interface Unit {
  /** Bytes of input that the unit takes. */
  readonly size: number;
  /** What it is unpacked to; undefined when it is only skipped. */
  readonly output?: Buffer | undefined;
}

/**
 * Cuts a byte stream into units of a framed format. `next` returns the unit at the start of what has arrived, or
 * undefined when more bytes are needed; what it throws ends the stream. Bytes left at the end are an error.
 */
export function unitStream(next: (bytes: Buffer) => Unit | undefined): Transform {
  let held: Buffer = Buffer.alloc(0);
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      held = held.length > 0 ? Buffer.concat([held, chunk]) : chunk;
      try {
        for (let unit = next(held); unit; unit = held.length > 0 ? next(held) : undefined) {
          if (unit.output && unit.output.length > 0) this.push(unit.output);
          held = held.subarray(unit.size);
        }
        done();
      } catch (error) {
        done(error instanceof Error ? error : new Error(String(error)));
      }
    },
    flush(done) {
      done(held.length > 0 ? new Error("The compressed body is cut short") : null);
    },
  });
}
