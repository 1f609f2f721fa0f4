/** Nothing of a copy is lost or turned round by holding its beginning back. */
import { PassThrough, Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, describe, expect, it } from "vitest";
import { type BegunCopy, beginCopy } from "../../../src/sources/postgres/copy/begin-copy.ts";
import { connectPostgres } from "../../../src/util/postgres.ts";
import { type TestPostgres, testPostgres } from "../../postgres.ts";

const postgres = await testPostgres();
afterAll(() => postgres?.stop());

describe.skipIf(postgres === undefined)("a copy that has begun", () => {
  const { url } = (postgres ?? {}) as TestPostgres;
  const connect = () => connectPostgres({ url, retries: 0, role: "source" });
  const numbers = (count: number, order = "i") =>
    `COPY (SELECT i, repeat('x', 90) FROM generate_series(1, ${count}) i ORDER BY ${order}) TO STDOUT`;

  async function fed(copy: BegunCopy, lateBy = 0): Promise<{ readonly rows: number; readonly text: string }> {
    const to = new PassThrough({ transform: (bytes, _, done) => done(null, Buffer.from(bytes)) });
    await sleep(lateBy);
    const [rows, all] = await Promise.all([copy.feed(to).finally(() => to.end()), text(to)]);
    return { rows, text: all };
  }

  it.each([0, 1, 2_000, 2_700, 2_800, 50_000])("%i rows, whoever waits for whom", async (count) => {
    const expected = Array.from({ length: count }, (_, i) => `${i + 1}\t${"x".repeat(90)}\n`).join("");
    for (const lateBy of [0, 50]) {
      const client = await connect();
      const copy = await beginCopy(client, numbers(count));
      expect(copy.digest === undefined).toBe(count > 2_750);
      const { rows, text } = await fed(copy, lateBy);
      expect([rows, text === expected]).toEqual([count, true]);
      expect((await client.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
      await client.end();
    }
  });

  it("has a digest that depends on the rows and not on their order", async () => {
    const client = await connect();
    const digest = async (statement: string) => {
      const copy = await beginCopy(client, statement);
      await fed(copy);
      return copy.digest;
    };
    const one = await digest(numbers(100));
    expect(one).toMatch(/^[0-9a-f]{64}$/);
    expect(await digest(numbers(100, "-i"))).toBe(one);
    expect(await digest(numbers(99))).not.toBe(one);
    expect(
      await digest("COPY (SELECT i, repeat('x', 90) FROM generate_series(2, 101) i) TO STDOUT"),
    ).not.toBe(one);
    expect(await digest(numbers(100))).toBe(one);
    await client.end();
  });

  it("that is refused is refused at once; one that breaks later breaks its feed, and writes nothing more", async () => {
    const client = await connect();
    await expect(beginCopy(client, "COPY nowhere TO STDOUT")).rejects.toThrow("nowhere");
    const breaking = await beginCopy(
      client,
      "COPY (SELECT 1 / (200000 - i), repeat('x', 90) FROM generate_series(1, 300000) i) TO STDOUT",
    );
    let written = 0;
    const slow = new Writable({
      async write(bytes: Buffer, _encoding, done) {
        await sleep(1);
        written += bytes.length;
        done();
      },
    });
    await expect(breaking.feed(slow)).rejects.toThrow("division by zero");
    await new Promise((resolve) => slow.end(() => resolve(undefined)));
    const atEnd = written;
    await sleep(50);
    expect(written).toBe(atEnd);
    expect((await client.query("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
    await client.end();
  });

  it("that nobody feeds does not keep the connection from ending", async () => {
    const client = await connect();
    expect((await beginCopy(client, numbers(100_000))).digest).toBe(undefined);
    await client.end();
  });
});
