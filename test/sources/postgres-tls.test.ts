import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { options as schema } from "../../src/sources/postgres/options.ts";
import { postgresSource } from "../../src/sources/postgres/source.ts";
import { ShoplakeError } from "../../src/util/errors.ts";
import { connectPostgres } from "../../src/util/postgres.ts";
import { postgresTls } from "../../src/util/postgres-tls.ts";
import { embeddedForTests, type TestEngine } from "../engine/harness.ts";
import { testBronze, testContext } from "./bronze.ts";
import { type TlsPostgres, tlsPostgres } from "./postgres-tls-server.ts";

/** What it threw, as a person reads it. */
async function problemOf(work: () => unknown): Promise<ShoplakeError> {
  try {
    await work();
  } catch (error) {
    if (error instanceof ShoplakeError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

const postgres = await tlsPostgres();

describe.skipIf(postgres === undefined)("postgres source with TLS", () => {
  const pg = postgres as TlsPostgres;
  let engine: TestEngine;

  beforeAll(async () => {
    engine = await embeddedForTests();
    await pg.client.query(
      "CREATE TABLE orders AS SELECT i AS id, repeat(md5(i::text), 20) AS text FROM generate_series(1, 20000) AS i",
    );
  });
  afterAll(async () => {
    await engine?.stop();
    await pg.stop();
  });

  const open = (rest: object, url = pg.url) =>
    postgresSource("shop", schema.parse({ url, retries: 0, tables: { orders: { key: "id" } }, ...rest }));

  async function read(rest: object, url?: string): Promise<number> {
    const source = open(rest, url);
    try {
      const [table] = await source.tables(await testContext(engine.engine, engine.dir));
      if (table === undefined) throw new Error("no table");
      const bronze = testBronze(engine.engine, engine.dir);
      await bronze.take(source, table);
      return await bronze.count();
    } finally {
      await source.close();
    }
  }

  it("tls: { ca }: every row, byte by byte", async () => {
    const source = open({ tls: { ca: pg.ca } });
    const [table] = await source.tables(await testContext(engine.engine, engine.dir));
    if (table === undefined) throw new Error("no table");
    const bronze = testBronze(engine.engine, engine.dir);
    expect(await bronze.take(source, table)).toMatchObject({ added: 20_000 });
    const [last] = (await bronze.rows<{ id: number; text: string }>()).slice(-1);
    const { rows } = await pg.client.query("SELECT id, text FROM orders ORDER BY id DESC LIMIT 1");
    expect(last).toEqual(rows[0]);
    await source.close();
  });

  it.each([
    ["rejectUnauthorized: false", { tls: { rejectUnauthorized: false } }, () => pg.url],
    ["the same, other name", { tls: { rejectUnauthorized: false } }, () => pg.wrongNameUrl],
    ["sslmode=no-verify", {}, () => `${pg.url}?sslmode=no-verify`],
    ["sslmode=require and a ca", { tls: { ca: pg.ca } }, () => `${pg.url}?sslmode=require`],
    ["sslmode=verify-full and its file", {}, () => `${pg.url}?sslmode=verify-full&sslrootcert=${pg.caFile}`],
    ["sslmode=verify-ca, other name", { tls: { ca: pg.ca } }, () => `${pg.wrongNameUrl}?sslmode=verify-ca`],
  ])("reads with %s", async (_what, rest, url) => {
    expect(await read(rest, url())).toBe(20_000);
  });

  it("sslcert and sslkey: the server knows the client by its certificate", async () => {
    const access = { url: pg.certificateUrl, retries: 0, role: "source" } as const;
    const client = await connectPostgres(access);
    const { rows } = await client.query("SELECT client_dn FROM pg_stat_ssl WHERE pid = pg_backend_pid()");
    await client.end();
    expect(rows).toEqual([{ client_dn: "/CN=shoplake" }]);
    const without = pg.certificateUrl.replace(/&sslcert=[^&]*&sslkey=.*/, "");
    const error = await problemOf(() => connectPostgres({ ...access, url: without }));
    expect(error.message).toContain("valid client certificate");
  });

  it.each([
    ["without the ca", {}, "?sslmode=verify-full"],
    ["with tls: {} only", { tls: {} }, ""],
    ["with the ca of somebody else", { tls: { ca: pg?.otherCa } }, ""],
    ["with sslmode=require, which verifies here", {}, "?sslmode=require"],
  ])("%s: says what to give", async (_what, rest, words) => {
    const error = await problemOf(() => read(rest, pg.url + words));
    expect(error).toMatchObject({ code: "source", retryable: false });
    expect(error.message).toContain("certificate is not signed by a known authority");
    expect(error.details.hint).toContain('tls: { ca: env("SHOP_CA") }');
    expect(error.details.where).toMatch(/^localhost:\d+\/shop$/);
  });

  it("refuses a server whose certificate is for another host, and names the right one", async () => {
    const error = await problemOf(() => read({ tls: { ca: pg.ca } }, pg.wrongNameUrl));
    expect(error).toMatchObject({ code: "source", retryable: false });
    expect(error.message).toContain("certificate is not for the host of the URL");
    expect(error.details.allowed).toBe("DNS:localhost");
    expect(error.details.where).toMatch(/^127\.0\.0\.1:/);
  });

  it("without TLS: the server's refusal leads to tls", async () => {
    const error = await problemOf(() => read({}));
    expect(error.message).toContain("no encryption");
    expect(error.details.hint).toContain("tls: {}");
  });

  it("never shows the password", async () => {
    for (const [rest, url] of [
      [{}, pg.url],
      [{}, `${pg.url}?sslmode=prefer`],
      [{ tls: { ca: pg.ca } }, pg.wrongNameUrl],
      [{ tls: { ca: "x" } }, pg.url],
    ] as const) {
      const error = await problemOf(() => read(rest, url));
      expect(inspect(error, { depth: 2 })).not.toContain(pg.password);
    }
  });
});

describe("TLS words of a URL", () => {
  const at = (words: string) => `postgres://me:p%40ss@db:5432/shop${words}`;
  const verifying = { rejectUnauthorized: true };

  it.each([
    ["", false],
    ["?sslmode=disable", false],
    ["?ssl=0", false],
    ["?sslmode=require", { rejectUnauthorized: true }],
    ["?ssl=true", { rejectUnauthorized: true }],
    ["?sslmode=verify-full", { rejectUnauthorized: true }],
    ["?sslmode=no-verify", { rejectUnauthorized: false }],
  ])("%s", (words, tls) => {
    expect(postgresTls(at(words)).tls).toEqual(tls);
  });

  it("are taken out of it, and nothing else is", () => {
    expect(postgresTls(at("?sslmode=require&options=-c%20a%3Db")).url).toBe(at("?options=-c+a%3Db"));
    expect(postgresTls(at("?options=x")).url).toBe(at("?options=x"));
  });

  it.each([
    ["?sslmode=prefer", undefined, /sslmode=prefer would go on without encryption/],
    ["?sslmode=allow", verifying, /sslmode=allow would go on without encryption/],
    ["?sslmode=full", undefined, /sslmode=full is unknown/],
    ["?ssl=maybe", undefined, /ssl=maybe is unknown/],
    ["?ssl=1&sslmode=require", undefined, /give sslmode only/],
    ["?sslmode=require&sslmode=disable", undefined, /sslmode=require,disable is unknown/],
    ["?sslnegotiation=direct", undefined, /sslnegotiation is not supported/],
    ["?uselibpqcompat=true&sslmode=require", undefined, /uselibpqcompat is not supported/],
    ["?sslmode=verify-ca", undefined, /needs the authority/],
    ["?sslrootcert=/no/such.pem", undefined, /sslrootcert cannot be read/],
    ["?sslmode=disable", verifying, /switches TLS off/],
    ["?sslmode=no-verify", verifying, /but tls verifies/],
    ["?sslmode=verify-full", { rejectUnauthorized: false }, /has rejectUnauthorized: false/],
    ["?sslrootcert=/dev/null", { ...verifying, ca: "x" }, /gives sslrootcert, but tls has a ca/],
    ["", { ...verifying, ca: "/etc/ssl/ca.pem" }, /not a certificate/],
  ])("%s is refused by name", async (words, tls, message) => {
    const error = await problemOf(() => postgresTls(at(words), tls));
    expect(error.code).toBe("config");
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain("p%40ss");
  });
});
