/** The lake's S3 server is down, answers 500, or loses the answers of commits, through whole runs. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { smallShop } from "../cli/small-shop.ts";
import { type Fault, type Proxy as FaultyProxy, startProxy } from "../lake/proxy.ts";
import { hasService, s3Keys, startS3, type TestS3 } from "../lake/services.ts";
import { expectReconciled, type FaultShop, failures, faultShop, versions } from "./fault-shop.ts";

const long = 300_000;
const isCommit = (method: string, path: string): boolean =>
  method === "PUT" && /_delta_log\/\d{20}\.json/.test(path);
const isData = (method: string, path: string): boolean => method !== "GET" && path.includes(".parquet");

describe.skipIf(!hasService("s3"))("a lake in S3", () => {
  let s3: TestS3;
  let proxy: FaultyProxy;
  let shop: FaultShop;
  let fault: (method: string, path: string) => Fault = () => "pass";
  let files = 2;

  /** One more file with one order of 10.00. */
  const deliver = (): void => {
    files += 1;
    shop.put({
      [`inbox/2026-02-${String(files).padStart(2, "0")}.csv`]: `order_id,customer,total,ordered_at\n${files * 100},ann,10.00,2026-02-01 10:00:00\n`,
    });
  };
  const expectAllOrders = async (): Promise<void> => {
    fault = () => "pass";
    const delivered = String(files - 2);
    expect(
      await shop.query(
        "SELECT (SELECT count() FROM bronze.feed_orders WHERE order_id LIKE '%00') AS bronze, countIf(order_id >= 100) AS silver, (SELECT sum(orders) FROM gold.daily_sales WHERE day >= '2026-02-01') AS gold FROM silver.orders",
      ),
    ).toEqual([{ bronze: delivered, silver: delivered, gold: delivered }]);
  };

  beforeAll(async () => {
    s3 = await startS3();
    await s3.makeBucket("shop");
    proxy = await startProxy(s3.endpoint, (method, path) => fault(method, path));
    const config = smallShop["shoplake.config.ts"] ?? "";
    shop = faultShop(
      {
        "shoplake.config.ts": config.replace("defineProject, files", "defineProject, env, files").replace(
          "  sources:",
          `  retries: { attempts: 2, delayMs: 100 },
  lake: { s3: { endpoint: env("S3_ENDPOINT"), bucket: "shop", accessKeyId: env("S3_KEY"), secretAccessKey: env("S3_SECRET") } },
  sources:`,
        ),
      },
      { S3_ENDPOINT: proxy.endpoint, S3_KEY: s3Keys.id, S3_SECRET: s3Keys.secret },
    );
  }, long);
  afterAll(async () => {
    shop?.stop();
    await proxy?.stop();
    await s3?.stop();
  });

  it(
    "is down: a clear error, and the first run succeeds once it is up",
    async () => {
      fault = () => "drop";
      const down = await shop.cli("run");
      expect(down.code).toBe(1);
      expect(down.stderr).toMatch(/error.*\[io\]/);
      expect(down.stderr).toContain(new URL(proxy.endpoint).host);
      fault = () => "pass";
      expect(failures(await shop.run())).toEqual([]);
      await expectAllOrders();
    },
    long,
  );

  it.each(["lose", "500 done", "500 undone", "drop"] as const)(
    "the first answer to every commit: %s",
    async (what) => {
      deliver();
      const seen = new Set<string>();
      let commits = 0;
      fault = (method, path) => {
        if (!isCommit(method, path)) return "pass";
        commits += 1;
        if (seen.has(path)) return "pass";
        seen.add(path);
        return what;
      };
      const ran = await shop.run();
      fault = () => "pass";
      expect(failures(ran)).toEqual([]);
      expectReconciled(ran);
      expect(seen.size).toBe(2);
      expect(commits).toBeGreaterThanOrEqual(2);
      await expectAllOrders();
    },
    long,
  );

  it(
    "answers 500 to data files for the whole run: an error, nothing partial; the next run continues",
    async () => {
      deliver();
      fault = (method, path) => (isData(method, path) ? "500 undone" : "pass");
      const failed = await shop.run();
      expect(failed.code).toBe(1);
      const { state, attempt, error } = failed.task("bronze.feed_orders");
      expect([state, attempt]).toEqual(["failed", 2]);
      expect(error?.message).toMatch(/lake\/bronze\/feed_orders\/part-.*response code: 500/);
      expect(failed.task("gold.daily_sales").state).toBe("upstream_failed");
      fault = () => "pass";
      const next = await shop.run();
      expect(failures(next)).toEqual([]);
      await expectAllOrders();
      expect(versions(await shop.run())).toEqual(versions(next));
    },
    long,
  );

  it(
    "goes down in the middle of a run and stays down: the run ends with an error; the next one continues",
    async () => {
      deliver();
      let down = false;
      fault = (method, path) => {
        if (isCommit(method, path) && path.includes("silver")) down = true;
        return down ? "drop" : "pass";
      };
      const failed = await shop.cli("run", "--json");
      expect(failed.code).toBe(1);
      fault = () => "pass";
      expect(failures(await shop.run())).toEqual([]);
      await expectAllOrders();
    },
    long,
  );

  it("its keys appear nowhere", () => {
    const kept = shop.everything();
    expect(kept.length).toBeGreaterThan(20);
    expect(kept.filter(({ bytes }) => bytes.includes(s3Keys.secret)).map(({ name }) => name)).toEqual([]);
  });
});
