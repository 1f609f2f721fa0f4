/** The shop goes into a server that takes encrypted connections only, with the words and the option of a source. */
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { runProgram } from "../../src/cli/program.ts";
import { shopPlan } from "../../src/generator/plan.ts";
import { bringPostgresOn } from "../../src/generator/postgres/bring-on.ts";
import { loadPostgres, type ShopDatabase, shopInPostgres } from "../../src/generator/postgres/load.ts";
import { tableNames } from "../../src/generator/tables/index.ts";
import { testContext } from "../cli/terminal.ts";
import { type TlsPostgres, tlsPostgres } from "../sources/postgres-tls-server.ts";

const postgres = await tlsPostgres();

describe.skipIf(postgres === undefined)("a server with TLS", () => {
  const pg = postgres as TlsPostgres;
  const plan = shopPlan({ until: "2026-06-20", scale: 0.0001 });
  afterAll(() => pg.stop());
  beforeEach(async () => {
    await pg.client.query(`DROP TABLE IF EXISTS ${tableNames.join(", ")} CASCADE`);
  });

  it.each<[string, () => ShopDatabase]>([
    ["tls: { ca }", () => ({ url: pg.url, tls: { ca: pg.ca, rejectUnauthorized: true } })],
    ["rejectUnauthorized: false", () => ({ url: pg.wrongNameUrl, tls: { rejectUnauthorized: false } })],
    ["sslmode and sslrootcert", () => `${pg.url}?sslmode=verify-full&sslrootcert=${pg.caFile}`],
  ])("takes a shop and its next day with %s", async (_what, database) => {
    const { rows } = await loadPostgres(database(), plan);
    expect(rows["customers"]).toBeGreaterThan(0);
    expect(await bringPostgresOn(database(), "2026-06-21")).toBeDefined();
    expect(await shopInPostgres(database())).toMatchObject({ until: "2026-06-21" });
  });

  it("refuses without the ca and with a wrong name, says what to give, and writes nothing", async () => {
    await expect(
      loadPostgres({ url: pg.url, tls: { rejectUnauthorized: true } }, plan),
    ).rejects.toMatchObject({
      code: "sink",
      message: expect.stringContaining("not signed by a known authority"),
      details: { hint: expect.stringContaining("SHOP_CA_FILE") },
    });
    await expect(
      loadPostgres({ url: pg.wrongNameUrl, tls: { ca: pg.ca, rejectUnauthorized: true } }, plan),
    ).rejects.toThrow("not for the host of the URL");
    await expect(loadPostgres(pg.url, plan)).rejects.toThrow("no encryption");
    expect((await pg.client.query("SELECT to_regclass('orders') AS there")).rows).toEqual([{ there: null }]);
  });

  it.each<[string, () => Record<string, string>, readonly string[]]>([
    ["SHOP_CA", () => ({ SHOP_CA: pg.ca }), []],
    ["SHOP_CA_FILE", () => ({ SHOP_CA_FILE: pg.caFile }), []],
    ["--ca-from", () => ({ OWN_CA_FILE: pg.caFile, SHOP_CA: pg.otherCa }), ["--ca-from", "OWN_CA"]],
  ])("shoplake generate takes the authority from %s", async (_what, env, more) => {
    const context = testContext({}, { env: { SHOP_DATABASE_URL: pg.url, ...env() } });
    await runProgram(context, ["generate", "--scale", "0.0001", "--months", "3", ...more]);
    expect(context.stderr.text).toContain("loaded");
    expect(await shopInPostgres({ url: pg.url, tls: { ca: pg.ca, rejectUnauthorized: true } })).toBeDefined();
  });

  it("a variable that is set twice, or whose file is not there, is told", async () => {
    const generate = (env: Record<string, string>) =>
      runProgram(testContext({}, { env: { SHOP_DATABASE_URL: pg.url, ...env } }), ["generate"]);
    await expect(generate({ SHOP_CA: "x", SHOP_CA_FILE: "y" })).rejects.toThrow(
      "both SHOP_CA and SHOP_CA_FILE",
    );
    await expect(generate({ SHOP_CA_FILE: "/no/such.pem" })).rejects.toThrow(
      "/no/such.pem named by SHOP_CA_FILE",
    );
  });
});
