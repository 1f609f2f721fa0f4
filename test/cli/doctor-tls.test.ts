/** A project whose source and sink are one PostgreSQL that takes encrypted connections only. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TlsPostgres, tlsPostgres } from "../sources/postgres-tls-server.ts";
import { shoplake } from "./process.ts";
import { smallShop, writeSmallShop } from "./small-shop.ts";

const postgres = await tlsPostgres();

const config = `import { defineProject, env, postgres } from "shoplake";
const tls = JSON.parse(process.env.TLS ?? "null");
const options = tls ? { tls: { ...tls, ...(process.env.CA || process.env.CA_FILE ? { ca: env("CA") } : {}) } } : {};
export default defineProject({
  name: "small-shop",
  engine: { memoryBytes: 1_000_000_000, threads: 2, slots: 4 },
  sources: { feed: postgres({ url: env("SHOP_URL"), tables: { orders: { key: "order_id" } }, retries: 0, ...options }) },
  sinks: { reporting: postgres({ url: env("SHOP_URL"), schema: "gold", retries: 0, ...options }) },
});
`;

describe.skipIf(postgres === undefined)("a project with TLS", () => {
  const pg = postgres as TlsPostgres;
  const shop = writeSmallShop({
    "shoplake.config.ts": config,
    "models/silver/orders.sql": smallShop["models/silver/orders.sql"]?.replace("{ type: UInt64,", "{"),
  });

  const cli = async (args: readonly string[], env: Record<string, string>) => {
    const done = await shoplake(args, { cwd: shop.dir, env: { SHOP_URL: pg.url, ...env } });
    expect(done.stdout + done.stderr).not.toContain(pg.password);
    return done;
  };

  async function doctor(env: Record<string, string>) {
    const { code, stdout, stderr } = await cli(["doctor", "--json"], env);
    expect(stderr).toBe("");
    const findings: { subject: string; verdict: string; message: string; hint?: string }[] =
      JSON.parse(stdout);
    return { code, findings: findings.filter(({ subject }) => /^(source|sink) /.test(subject)) };
  }

  beforeAll(async () => {
    await pg.client.query(`CREATE TABLE orders (order_id int PRIMARY KEY, customer text, total text, ordered_at text);
      INSERT INTO orders VALUES (1, 'ann', '10.50', '2026-01-01 10:00:00'), (2, 'bob', '-3.00', '2026-01-01 11:00:00')`);
  });
  afterAll(async () => {
    shop.remove();
    await pg.stop();
  });

  it("doctor: ok and encrypted with the ca, as an option or as a file named in the URL", async () => {
    const good = [
      { subject: "source feed", verdict: "ok", message: "postgres: 1 table, 4 columns, encrypted" },
      { subject: "sink reporting", verdict: "ok", message: "postgres: connected, encrypted" },
    ];
    expect(await doctor({ TLS: "{}", CA: pg.ca })).toEqual({ code: 0, findings: good });
    expect(await doctor({ TLS: "{}", CA_FILE: pg.caFile })).toEqual({ code: 0, findings: good });
    const words = `?sslmode=require&sslrootcert=${pg.caFile}`;
    expect(await doctor({ SHOP_URL: pg.url + words })).toEqual({ code: 0, findings: good });
  });

  it("doctor: warns of a certificate that nobody looks at", async () => {
    const { code, findings } = await doctor({ TLS: '{"rejectUnauthorized":false}' });
    expect(code).toBe(0);
    expect(findings.map(({ verdict }) => verdict)).toEqual(["warn", "warn"]);
    expect(findings[0]?.message).toContain("any certificate is taken");
    expect(findings[0]?.hint).toContain("tls: { ca }");
  });

  it.each([
    ["no ca", { TLS: "{}" }, /not signed by a known authority/, /tls: \{ ca:/],
    ["wrong host", { TLS: "{}", CA: "ca", SHOP_URL: "wrong" }, /not for the host/, /name of the certificate/],
    ["no TLS", {}, /no encryption/, /tls: \{\}/],
    ["sslmode=prefer", { SHOP_URL: "?sslmode=prefer" }, /sslmode=prefer/, undefined],
    ["no certificate", { TLS: "{}", CA: "x" }, /not a certificate/, /SHOP_CA_FILE/],
  ])(
    "doctor: fails for source and sink alike: %s",
    async (_what, given: Record<string, string>, message, hint) => {
      const env = { ...given };
      if (env["CA"] === "ca") env["CA"] = pg.ca;
      if (env["SHOP_URL"] === "wrong") env["SHOP_URL"] = pg.wrongNameUrl;
      else if (env["SHOP_URL"]?.startsWith("?")) env["SHOP_URL"] = pg.url + env["SHOP_URL"];
      const { code, findings } = await doctor(env);
      expect(code).toBe(1);
      expect(findings.map(({ subject, verdict }) => `${subject} ${verdict}`)).toEqual([
        "source feed fail",
        "sink reporting fail",
      ]);
      for (const finding of findings) {
        expect(finding.message).toMatch(message);
        if (hint) expect(finding.hint).toMatch(hint);
      }
    },
  );

  it("run without the ca: says what to give", async () => {
    const { code, stderr } = await cli(["run"], { TLS: "{}" });
    expect(code).toBe(1);
    expect(stderr).toContain("not signed by a known authority");
    expect(stderr).toContain('tls: { ca: env("SHOP_CA") }');
  });

  it("run: from the source through gold to the sink, and nothing to do afterwards", async () => {
    const env = { TLS: "{}", CA: pg.ca };
    const first = await cli(["run"], env);
    expect(first.code, first.stderr).toBe(0);
    const { rows } = await pg.client.query(
      "SELECT day::text, orders::int, revenue::text FROM gold.daily_sales",
    );
    expect(rows).toEqual([{ day: "2026-01-01", orders: 1, revenue: "10.50" }]);
    expect((await cli(["run"], env)).stderr).toContain("nothing to do");
  });
});
