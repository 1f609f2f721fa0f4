/** Sinks pass a dataset on as it comes: what they hold of it does not grow with its size, and all of it must arrive. */
import { Readable } from "node:stream";
import { afterAll, beforeAll, expect, it } from "vitest";
import { filesSink } from "../../src/sinks/files/sink.ts";
import { options as schema } from "../../src/sinks/postgres/options.ts";
import { postgresSink } from "../../src/sinks/postgres/sink.ts";
import type { Sink, SinkContext, SinkInput } from "../../src/sinks/sink.ts";
import { embeddedForTests, type TestEngine } from "../engine/harness.ts";
import { testPostgres } from "../postgres.ts";

const rows = 1_500_000;
const bytes = rows * 100;
const line = Buffer.from(`${"x".repeat(99)}\n`);
const chunk = Buffer.concat(Array.from({ length: 1000 }, () => line));

let t: TestEngine;
const postgres = await testPostgres();
beforeAll(async () => {
  t = await embeddedForTests();
});
afterAll(async () => {
  await t.stop();
  await postgres?.stop();
});

const input = (from: string): SinkInput => ({
  dataset: "gold.large",
  version: 1,
  from,
  columns: [{ name: "text", type: "String" }],
  key: [],
});

function* chunks(before: () => void): Generator<Buffer> {
  for (let sent = 0; sent < bytes; sent += chunk.length) {
    before();
    yield chunk;
  }
}

/**
 * Writes 150 MB of text lines and gives the most memory of buffers that was used meanwhile. The result is the same piece of
 * memory again and again, so that only a sink that copies and keeps it needs more.
 */
async function mostHeld(sink: Sink): Promise<number> {
  const before = process.memoryUsage().arrayBuffers;
  let most = 0;
  const look = (): void => {
    most = Math.max(most, process.memoryUsage().arrayBuffers - before);
  };
  const result = await sink.write(
    input(`(SELECT repeat('x', 99) AS text FROM numbers(${rows}))`),
    given(Readable.from(chunks(look), { objectMode: false, highWaterMark: chunk.length })),
  );
  look();
  expect(result.inserted).toBe(rows);
  await sink.close();
  return most;
}

/** A sink that is given this stream instead of the rows of the dataset. */
function given(stream: Readable): SinkContext {
  return {
    engine: { ...t.engine, download: async () => stream },
    spool: t.dir,
    projectDir: t.dir,
    signal: new AbortController().signal,
    warn: () => {},
  };
}

it("the file sink", async () => {
  expect(await mostHeld(filesSink("out", { directory: "out", format: "jsonl" }))).toBeLessThan(50_000_000);
});

it.skipIf(postgres === undefined)("the PostgreSQL sink", async () => {
  const config = schema.parse({ url: postgres?.url, schema: "gold", retries: 0 });
  expect(await mostHeld(postgresSink("reporting", config))).toBeLessThan(50_000_000);
});

it.skipIf(postgres === undefined)(
  "rows that get lost on the way are an error, and nothing stays",
  async () => {
    const sink = postgresSink("reporting", schema.parse({ url: postgres?.url, schema: "short", retries: 0 }));
    const ten = input("(SELECT 'x' AS text FROM numbers(10))");
    const nine = given(Readable.from([Buffer.from("x\n".repeat(9))], { objectMode: false }));
    await expect(sink.write(ten, nine)).rejects.toMatchObject({ code: "sink", retryable: true });
    const found = await postgres?.client.query("SELECT to_regclass('short.large') AS there");
    expect(found?.rows).toEqual([{ there: null }]);
    await sink.close();
  },
);
