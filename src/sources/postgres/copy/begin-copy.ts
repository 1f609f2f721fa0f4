/**
 * A copy whose beginning is held back. One that ends within it is known by its digest before anybody reads it; of a longer one
 * nothing is lost, and the server waits.
 */
import { createHash } from "node:crypto";
import { Writable } from "node:stream";
import { finished } from "node:stream/promises";
import type pg from "pg";
import { copyOut } from "./copy-out.ts";

/** A copy that the server has begun to send. */
export interface BegunCopy {
  /** Of the rows in any order; undefined when they do not fit into what is held back. */
  readonly digest: string | undefined;
  /** Writes all rows, in COPY's text form; does not end `to`. Gives their number, or rejects with pg's error. Called at most once. */
  feed(to: Writable): Promise<number>;
}

const heldBytes = 262_144;

/** Rejects with pg's error when the server refuses the statement. */
export async function beginCopy(client: pg.Client, statement: string): Promise<BegunCopy> {
  const held = new HeldBack();
  const rows = copyOut(client, statement, held);
  const ended = await Promise.race([rows.then(() => true), held.full.then(() => false)]);
  // Whoever feeds is told of it; the caller may give the copy up before.
  rows.catch(() => {});
  return {
    digest: ended ? digestOf(held.bytes()) : undefined,
    async feed(to) {
      held.passOn(to);
      try {
        const count = await rows;
        await held.allPassedOn();
        return count;
      } finally {
        held.destroy();
      }
    },
  };
}

class HeldBack extends Writable {
  readonly full: Promise<void>;
  #isFull = () => {};
  #held: Buffer[] = [];
  #size = 0;
  #to: Writable | undefined;
  #waiting: ((error?: Error | null) => void) | undefined;

  constructor() {
    super({ highWaterMark: heldBytes });
    // What breaks is `to`, whose owner knows.
    this.on("error", () => {});
    this.full = new Promise((resolve) => {
      this.#isFull = resolve;
    });
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    if (this.#to !== undefined) {
      this.#to.write(chunk, done);
      return;
    }
    this.#held.push(Buffer.from(chunk));
    this.#size += chunk.length;
    if (this.#size < heldBytes) done();
    else {
      this.#waiting = done;
      this.#isFull();
    }
  }

  bytes(): Buffer {
    return Buffer.concat(this.#held);
  }

  passOn(to: Writable): void {
    this.#to = to;
    to.write(this.bytes(), (error) => this.#waiting?.(error));
    this.#held = [];
  }

  async allPassedOn(): Promise<void> {
    this.end();
    await finished(this);
  }
}

function digestOf(rows: Buffer): string {
  const lines = rows.toString("latin1").split("\n").sort();
  return createHash("sha256").update(lines.join("\n"), "latin1").digest("hex");
}
