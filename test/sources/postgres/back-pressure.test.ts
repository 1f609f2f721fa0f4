/** A copy goes as fast as its reader: what waits in between does not grow with the table. */
import { Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, it } from "vitest";
import { copyOut } from "../../../src/sources/postgres/copy/copy-out.ts";
import { testPostgres } from "../../postgres.ts";

const postgres = await testPostgres();
afterAll(() => postgres?.stop());

it.skipIf(postgres === undefined)("a slow reader slows the server down", async () => {
  let most = 0;
  let received = 0;
  const slow = new Writable({
    async write(chunk: Buffer, _encoding, done) {
      received += chunk.length;
      most = Math.max(most, slow.writableLength);
      if (received < 20_000_000) await sleep(2);
      done();
    },
  });
  const rows = 400_000;
  const statement = `COPY (SELECT repeat('x', 99) FROM generate_series(1, ${rows})) TO STDOUT`;
  expect(postgres && (await copyOut(postgres.client, statement, slow))).toBe(rows);
  await new Promise((resolve) => slow.end(() => resolve(undefined)));
  expect(received).toBe(rows * 100);
  expect(most).toBeLessThan(2_000_000);
});
