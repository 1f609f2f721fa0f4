import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import fc from "fast-check";
import { decompress as zstd } from "fzstd";
import { afterAll, beforeAll, expect, test } from "vitest";
import { blockDecoder, blockEncoder } from "../../../src/engine/embedded/compression/blocks.ts";
import { embeddedForTests, type TestEngine } from "../harness.ts";

let t: TestEngine;
beforeAll(async () => {
  t = await embeddedForTests();
});
afterAll(() => t.stop());

/** Data files of the engine, except those that hold something else than compressed blocks. */
function dataFiles(dir: string): string[] {
  return readdirSync(dir, { recursive: true, encoding: "utf8" })
    .filter((name) => /(^|[\\/])[\w.%]+\.bin$/.test(name) && !/[\\/](skp_|primary)/.test(name))
    .map((name) => join(dir, name))
    .filter((path) => statSync(path).size > 0);
}

async function through(stream: ReturnType<typeof blockDecoder>, bytes: Buffer): Promise<Buffer> {
  for (let at = 0; at < bytes.length; at += 10_007) stream.write(bytes.subarray(at, at + 10_007));
  stream.end();
  return buffer(stream);
}

test.each(["LZ4", "LZ4HC(9)", "ZSTD(3)", "NONE"])(
  "blocks the engine wrote with %s are verified and read",
  async (codec) => {
    const { engine } = t;
    const name = codec.replace(/\W/g, "");
    await engine.command("CREATE DATABASE IF NOT EXISTS blocks");
    await engine.command(
      `CREATE TABLE blocks.${name} (a String CODEC(${codec})) ENGINE = MergeTree ORDER BY tuple() SETTINGS min_bytes_for_wide_part = 0, enable_block_number_column = 0`,
    );
    for (const rows of [1, 2, 3, 7, 20, 130, 100_000])
      await engine.command(
        `INSERT INTO blocks.${name} SELECT repeat(toString(cityHash64(number)), number % 7) FROM numbers(${rows})`,
      );
    const [path] = await engine.rows<{ path: string }>(
      `SELECT data_paths[1] AS path FROM system.tables WHERE database = 'blocks' AND name = '${name}'`,
    );
    const files = dataFiles(path?.path ?? "");
    expect(files.length).toBeGreaterThanOrEqual(7);
    for (const file of files) {
      const content = readFileSync(file);
      expect((await through(blockDecoder(zstd), content)).length).toBeGreaterThan(0);
      content[content.length - 1] = (content.at(-1) ?? 0) ^ 1;
      await expect(through(blockDecoder(zstd), content)).rejects.toThrow(/Checksum/);
    }
  },
);

test("what the encoder writes the decoder reads, at any size", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 3000 }),
      fc.integer({ min: 1, max: 200 }),
      async (piece, times) => {
        const data = Buffer.concat(Array.from({ length: times }, () => piece));
        const packed = await through(blockEncoder(), data);
        expect((await through(blockDecoder(zstd), packed)).equals(data)).toBe(true);
      },
    ),
    { numRuns: 100 },
  );
});
