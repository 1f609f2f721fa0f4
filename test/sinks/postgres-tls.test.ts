import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { options as schema } from "../../src/sinks/postgres/options.ts";
import { postgresSink } from "../../src/sinks/postgres/sink.ts";
import type { SinkResult } from "../../src/sinks/sink.ts";
import { embeddedForTests, type TestEngine } from "../engine/harness.ts";
import { type TlsPostgres, tlsPostgres } from "../sources/postgres-tls-server.ts";

const postgres = await tlsPostgres();

describe.skipIf(postgres === undefined)("postgres sink with TLS", () => {
  const pg = postgres as TlsPostgres;
  let engine: TestEngine;

  beforeAll(async () => {
    engine = await embeddedForTests();
  });
  afterAll(async () => {
    await engine?.stop();
    await pg.stop();
  });

  async function write(rest: object, url = pg.url): Promise<SinkResult> {
    const sink = postgresSink("reporting", schema.parse({ url, schema: "gold", retries: 0, ...rest }));
    const input = {
      dataset: "gold.numbers",
      version: 1,
      from: "(SELECT number AS n, repeat('x', 500) AS text FROM numbers(10000))",
      columns: [
        { name: "n", type: "UInt32" },
        { name: "text", type: "String" },
      ],
      key: ["n"],
    };
    const signal = new AbortController().signal;
    const { dir } = engine;
    try {
      return await sink.write(input, {
        engine: engine.engine,
        spool: dir,
        projectDir: dir,
        signal,
        warn: () => {},
      });
    } finally {
      await sink.close();
    }
  }

  it("without the ca, and with a wrong host name: a clear error, nothing written", async () => {
    await expect(write({ tls: {} })).rejects.toMatchObject({
      code: "sink",
      message: expect.stringContaining("not signed by a known authority"),
      details: { hint: expect.stringContaining("tls: { ca:") },
    });
    await expect(write({ tls: { ca: pg.ca } }, pg.wrongNameUrl)).rejects.toMatchObject({
      code: "sink",
      message: expect.stringContaining("not for the host of the URL"),
      details: { allowed: "DNS:localhost" },
    });
    const { rows } = await pg.client.query("SELECT to_regclass('gold.numbers') AS there");
    expect(rows).toEqual([{ there: null }]);
  });

  it("tls: { ca } writes, and rejectUnauthorized: false sees what stands there", async () => {
    expect(await write({ tls: { ca: pg.ca } })).toMatchObject({ inserted: 10_000, unchanged: false });
    const { rows } = await pg.client.query(
      "SELECT count(*)::int AS n, sum(length(text))::int AS size FROM gold.numbers",
    );
    expect(rows).toEqual([{ n: 10_000, size: 5_000_000 }]);
    expect(await write({ tls: { rejectUnauthorized: false } })).toMatchObject({ unchanged: true });
  });
});
