/** A whole project whose lake is in S3, from `init` on, by the built command only, against a real S3 server. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { s3Store } from "../../src/lake/store/s3.ts";
import type { LakeStore } from "../../src/lake/store/store.ts";
import { type Finished, shoplake } from "../cli/process.ts";
import { hasService, s3Keys, secret, startS3, type TestS3 } from "../lake/services.ts";
import { outcomes, reported, versions } from "./fault-shop.ts";

const long = 300_000;

function filesUnder(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

describe.skipIf(!hasService("s3"))("a project with its lake in S3", () => {
  const root = mkdtempSync(join(tmpdir(), "shoplake-s3-project-"));
  const dir = join(root, "shop");
  const printed: string[] = [];
  let s3: TestS3;
  let store: LakeStore;

  async function cli(...args: readonly string[]): Promise<Finished> {
    const env = { S3_ENDPOINT: s3.endpoint, S3_KEY: s3Keys.id, S3_SECRET: s3Keys.secret };
    const done = await shoplake(args, { cwd: args[0] === "init" ? root : dir, env, timeoutMs: 120_000 });
    printed.push(done.stdout, done.stderr);
    return done;
  }
  async function good(...args: readonly string[]): Promise<Finished> {
    const done = await cli(...args);
    expect([args, done.code, done.code === 0 ? "" : done.stderr]).toEqual([args, 0, ""]);
    return done;
  }
  const json = async (...args: readonly string[]) => JSON.parse((await good(...args, "--json")).stdout);
  const run = async () => reported(await good("run", "--json"));
  const revenue = () => json("query", "revenue");
  async function objects(): Promise<readonly string[]> {
    const keys: string[] = [];
    for await (const { key } of store.list("")) if (!key.startsWith("_leases/")) keys.push(key);
    return keys.sort();
  }

  beforeAll(async () => {
    s3 = await startS3();
    await good("init", "--template", "minimal", "shop");
    const file = join(dir, "shoplake.config.ts");
    const lake =
      'lake: { s3: { endpoint: env("S3_ENDPOINT"), bucket: "shop", accessKeyId: env("S3_KEY"), secretAccessKey: env("S3_SECRET") } },';
    const config = readFileSync(file, "utf8")
      .replace("{ defineProject, files }", "{ defineProject, env, files }")
      .replace(
        "  sources:",
        `  engine: { memoryBytes: 1_000_000_000, threads: 2, slots: 4 },\n  ${lake}\n  sources:`,
      );
    writeFileSync(file, config);
    store = s3Store({
      endpoint: s3.endpoint,
      region: "us-east-1",
      bucket: "shop",
      prefix: "lake",
      accessKeyId: secret(s3Keys.id),
      secretAccessKey: secret(s3Keys.secret),
    });
  }, long);
  afterAll(async () => {
    await s3?.stop();
    rmSync(root, { recursive: true, force: true });
  });

  it(
    "doctor: the missing bucket is a failure that names it; then all is well",
    async () => {
      const missing = await cli("doctor");
      expect(missing.code).toBe(1);
      expect(missing.stdout).toMatch(/fail +lake .*NoSuchBucket\n.*s3:\/\/shop\/lake/);
      await s3.makeBucket("shop");
      expect((await good("doctor")).stdout).toMatch(/ok +lake +s3:\/\/shop\/lake can be written and read/);
    },
    long,
  );

  it(
    "run: all datasets, the rejected row in quarantine, the tables in the bucket and not on the disk",
    async () => {
      const first = await run();
      expect(outcomes(first)).toEqual({
        "bronze.shop_orders": "success extract",
        "silver.orders": "success full",
        "gold.daily_sales": "success full",
      });
      const [silver] = first.report.tasks.filter(({ dataset }) => dataset === "silver.orders");
      expect(silver?.counts).toEqual({ read: 8, published: 6, rejected: 1, deduplicated: 1 });
      const kept = await objects();
      for (const table of ["bronze/shop_orders", "silver/orders"]) {
        expect(kept).toContain(`${table}/_delta_log/00000000000000000000.json`);
        expect(kept.filter((key) => key.startsWith(`${table}/part-`))).toHaveLength(1);
      }
      expect(filesUnder(dir).filter((name) => /_delta_log|part-.*\.parquet/.test(name))).toEqual([]);
    },
    long,
  );

  it(
    "run again: nothing to do, nothing written",
    async () => {
      const before = await objects();
      expect((await good("run")).stderr).toContain("nothing to do, 3 datasets up to date");
      expect(await objects()).toEqual(before);
    },
    long,
  );

  it(
    "query, show, history, quarantine list, check",
    async () => {
      expect(await revenue()).toMatchObject([
        { month: "2024-01-01", revenue: "61.90", orders: "2" },
        { month: "2024-02-01", revenue: "138.74", orders: "4" },
      ]);
      expect(await json("query", "SELECT uniqExact(customer) AS n FROM silver.orders")).toEqual([{ n: "4" }]);
      expect(await json("show", "silver.orders")).toMatchObject({ version: 0, rows: 6, key: ["order_id"] });
      expect((await good("show", "bronze.shop_orders")).stdout).toContain("version 0 · 8 rows");
      expect(await json("history", "silver.orders")).toMatchObject([{ version: 0, counts: { rejected: 1 } }]);
      expect(await json("quarantine", "list", "silver.orders")).toMatchObject([
        { rule: "negative_total", source_ref: "order_id=1005", status: "open" },
      ]);
      expect((await good("check")).stderr).toContain("8 checks, all passed");
      expect((await good("config", "show")).stdout).toMatch(/lake\.secretAccessKey +\*\*\*/);
    },
    long,
  );

  it(
    "a new file: only what it changes; the older version can still be read",
    async () => {
      writeFileSync(
        join(dir, "inbox/orders-2024-03.csv"),
        "order_id,customer,ordered_at,status,total\n1002,ben@example.com,2024-03-01 08:00:00,cancelled,12.00\n1008,eva@example.com,2024-03-02 08:00:00,paid,5.00\n",
      );
      expect(versions(await run())).toMatchObject({ "bronze.shop_orders": 1, "silver.orders": 1 });
      expect(await revenue()).toMatchObject([
        { month: "2024-01-01", revenue: "49.90" },
        { month: "2024-02-01", revenue: "138.74" },
        { month: "2024-03-01", revenue: "5.00" },
      ]);
      expect(await json("show", "silver.orders", "--version", "0")).toMatchObject({ rows: 6 });
      expect(await json("show", "silver.orders")).toMatchObject({ version: 1, rows: 7 });
      expect(await json("history", "silver.orders")).toMatchObject([{ version: 1 }, { version: 0 }]);
    },
    long,
  );

  it(
    "maintain: what no version needs goes, every row stays",
    async () => {
      const rows = await json("query", "SELECT * FROM silver.orders ORDER BY ALL");
      const dataFiles = async () => (await objects()).filter((key) => key.startsWith("silver/orders/part-"));
      expect(await dataFiles()).toHaveLength(2);
      await good("maintain", "--retention", "0");
      expect(await dataFiles()).toHaveLength(1);
      expect(await json("query", "SELECT * FROM silver.orders ORDER BY ALL")).toEqual(rows);
      expect((await good("run")).stderr).toContain("nothing to do");
    },
    long,
  );

  it(
    "export: lake and warehouse, to files",
    async () => {
      await good("export", "silver.orders", "orders.csv");
      const lines = readFileSync(join(dir, "orders.csv"), "utf8").trimEnd().split("\n");
      expect(lines).toHaveLength(8);
      expect(lines).toContain('1008,"eva@example.com","2024-03-02 08:00:00","paid",5.00');
      await good("export", "gold.daily_sales", "sales.parquet");
      expect(readFileSync(join(dir, "sales.parquet")).subarray(0, 4).toString()).toBe("PAR1");
    },
    long,
  );

  it(
    "another machine, without the state of this one: the lake stands, gold is built from it, the numbers are the same",
    async () => {
      const expected = await revenue();
      rmSync(join(dir, ".shoplake"), { recursive: true });
      expect(outcomes(await run())).toEqual({
        "bronze.shop_orders": "success none",
        "silver.orders": "success none",
        "gold.daily_sales": "success full",
      });
      expect(await revenue()).toEqual(expected);
    },
    long,
  );

  it("the secret appears nowhere: not printed, not in the project, not in the bucket", async () => {
    expect(printed.length).toBeGreaterThan(40);
    expect(printed.filter((text) => text.includes(s3Keys.secret))).toEqual([]);
    const files = filesUnder(dir);
    expect(files.length).toBeGreaterThan(20);
    expect(files.filter((name) => readFileSync(name).includes(s3Keys.secret))).toEqual([]);
    for (const key of await objects()) {
      const bytes = Buffer.from((await store.read(key)) ?? new Uint8Array());
      expect([key, bytes.length > 0, bytes.includes(s3Keys.secret)]).toEqual([key, true, false]);
    }
  });
});
