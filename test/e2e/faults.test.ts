/** Bad input and what must happen, on the command line as it is shipped. Faults of other systems: the files beside this one. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { smallShop } from "../cli/small-shop.ts";
import { expectReconciled, type FaultShop, failures, faultShop, outcomes, versions } from "./fault-shop.ts";

const long = 300_000;
const day = (first: number, last: number): string =>
  `order_id,customer,total,ordered_at\n${Array.from({ length: last - first + 1 }, (_, i) => `${first + i},ann,1.00,2026-02-01 10:00:00\n`).join("")}`;

describe("a project with problems", () => {
  it(
    "names all of them at once, with file, line and the nearest name, and runs nothing",
    async () => {
      const shop = faultShop({
        "shoplake.config.ts": `import { defineProject, env, files, postgres } from "shoplake";
export default defineProject({
  name: "broken",
  currancy: "EUR",
  sources: {
    feed: files({ path: "inbox/*.csv", format: "csv", table: "orders", delimeter: ";" }),
    shop: postgres({ url: env("NOT_SET_ANYWHERE"), tables: { customers: {} } }),
  },
});
`,
        "models/gold/broken.sql": "/*\ndescription: x\nkay: day\n*/\nSELECT 1 AS day",
      });
      try {
        const { code, stderr } = await shop.cli("run");
        expect(code).toBe(1);
        expect(stderr).toMatch(/shoplake\.config\.ts:4\b.*currancy/);
        expect(stderr).toMatch(/currency/);
        expect(stderr).toMatch(/shoplake\.config\.ts:6\b.*delimeter/);
        expect(stderr).toMatch(/delimiter/);
        expect(stderr).toMatch(/shoplake\.config\.ts:7\b.*NOT_SET_ANYWHERE/);
        expect(stderr).toMatch(/models\/gold\/broken\.sql:3\b.*kay/);
      } finally {
        shop.stop();
      }
    },
    long,
  );

  it(
    "checks models together: names twice, cycles, unknown columns and datasets, bad SQL, bad checks",
    async () => {
      const shop = faultShop({
        "models/gold/daily_sales.sql":
          "/*\ndescription: x\nkey: day\n*/\nSELECT toDate(ordered_at) AS day,\n  sum(totl) AS revenue\nFROM silver.orders GROUP BY day",
        "models/gold/sub/daily_sales.sql": "/*\ndescription: x\n*/\nSELECT 1 AS one",
        "models/gold/chicken.sql": "/*\ndescription: x\n*/\nSELECT * FROM gold.egg",
        "models/gold/egg.sql": "/*\ndescription: x\n*/\nSELECT * FROM gold.chicken",
        "models/gold/lost.sql": "/*\ndescription: x\n*/\nSELECT order_id\nFROM silver.ordrs",
        "models/gold/typo.sql":
          "/*\ndescription: x\n*/\nSELECT order_id FROM silver.orders\nWHERE GROUP BY 1",
      });
      try {
        const { code, stderr } = await shop.cli("run");
        expect(code).toBe(1);
        expect(stderr).toMatch(/daily_sales\.sql:6\b.*totl/);
        expect(stderr).toMatch(/total/);
        expect(stderr).toMatch(/gold\/sub\/daily_sales\.sql/);
        expect(stderr).toMatch(/chicken\.sql:4\b.*gold\.chicken -> gold\.egg -> gold\.chicken/);
        expect(stderr).toMatch(/lost\.sql:5\b.*ordrs/);
        expect(stderr).toMatch(/silver\.orders/);
        expect(stderr).toMatch(/typo\.sql:5\b/);
        expect((await shop.cli("runs", "--json")).stdout).not.toContain("runId");
      } finally {
        shop.stop();
      }
    },
    long,
  );
});

describe("bad rows and failed checks", () => {
  let shop: FaultShop;
  beforeAll(() => {
    shop = faultShop({ "models/gold/after.sql": "/*\ndescription: x\n*/\nSELECT day FROM gold.daily_sales" });
  });
  afterAll(() => shop.stop());

  it(
    "half of a file unreadable: the other half is published, the rest is in quarantine, counts reconcile",
    async () => {
      const lines = Array.from({ length: 100 }, (_, i) =>
        i % 2 ? `${100 + i},ann,"1.00,2026-01-03\n` : `${100 + i},ann,1.00,2026-01-03 10:00:00\n`,
      );
      const torn = lines.map((line, i) => (i % 2 ? `${100 + i},ann,1.00\n` : line));
      shop.put({ "inbox/torn.csv": `order_id,customer,total,ordered_at\n${torn.join("")}` });
      const ran = await shop.run();
      expect(ran.code).toBe(0);
      expectReconciled(ran);
      expect(ran.task("bronze.feed_orders").counts).toEqual({
        read: 106,
        published: 56,
        rejected: 50,
        deduplicated: 0,
      });
      expect(
        await shop.query(
          "SELECT count() AS n, uniqExact(source_ref) AS places, min(raw) AS raw FROM ops.quarantine WHERE dataset = 'bronze.feed_orders' AND status = 'open'",
        ),
      ).toEqual([{ n: "50", places: "50", raw: "101,ann,1.00" }]);
      expect(await shop.query("SELECT count() AS n FROM silver.orders WHERE order_id >= 100")).toEqual([
        { n: "50" },
      ]);
    },
    long,
  );

  it(
    "nothing new: a second run changes nothing",
    async () => {
      const [first, second] = [await shop.run(), await shop.run()];
      expect(versions(second)).toEqual(versions(first));
      expect(second.report.tasks.every(({ counts }) => counts.published + counts.rejected === 0)).toBe(true);
    },
    long,
  );

  it(
    "a failed error-check publishes nothing, stops what depends on it, shows sample rows, keeps the last good version",
    async () => {
      const before = await shop.query("SELECT * FROM gold.daily_sales ORDER BY day");
      const good = smallShop["models/gold/daily_sales.sql"] ?? "";
      shop.put({
        "models/gold/daily_sales.sql": good
          .replace("key: day", "key: day\nchecks: [{ row_count: { max: 1 } }]")
          .replace(
            'columns: { day: { description: "day of the order" } }',
            "columns: { day: {}, revenue: { checks: [{ accepted_range: { max: 60 } }] } }",
          ),
        "inbox/later.csv": "order_id,customer,total,ordered_at\n900,zoe,700.00,2026-03-01 10:00:00\n",
      });
      const ran = await shop.run();
      expect(ran.code).toBe(1);
      expect(outcomes(ran)).toMatchObject({
        "silver.orders": "success append",
        "gold.after": expect.stringContaining("upstream_failed"),
      });
      expect(ran.task("gold.daily_sales").state).toBe("failed");
      const failing = ran.task("gold.daily_sales").checks.find(({ name }) => name.includes("accepted_range"));
      expect(JSON.stringify(failing?.sample)).toContain("700");
      expect(await shop.query("SELECT * FROM gold.daily_sales ORDER BY day")).toEqual(before);
      const shown = await shop.cli("run");
      expect(shown.code).toBe(1);
      expect(shown.stderr).toMatch(/✖ error.*gold\.daily_sales.*accepted_range/);
      expect(shown.stderr).toContain('"revenue":"700');
      expect(shown.stderr).toMatch(/gold\.after.*not run: gold\.daily_sales failed/);
      shop.put({ "models/gold/daily_sales.sql": good });
      const mended = await shop.run();
      expect(mended.code).toBe(0);
      expect(
        await shop.query("SELECT sum(revenue) AS r FROM gold.daily_sales WHERE day = '2026-03-01'"),
      ).toEqual([{ r: "700.00" }]);
    },
    long,
  );

  it(
    "a rule is fixed: replayed rows are published and leave the quarantine",
    async () => {
      const good = smallShop["models/silver/orders.sql"] ?? "";
      shop.put({ "models/silver/orders.sql": good.replace("total < 0", "total < -5") });
      const done = await shop.cli("quarantine", "replay", "silver.orders");
      expect([done.code, done.stderr]).toEqual([
        0,
        expect.stringContaining("1 row left the quarantine, 1 still rejected"),
      ]);
      expect(await shop.query("SELECT order_id, total FROM silver.orders WHERE total < 0")).toEqual([
        { order_id: "2", total: "-3.00" },
      ]);
      expect(
        await shop.query(
          "SELECT rule, status FROM ops.quarantine WHERE dataset = 'silver.orders' ORDER BY rule",
        ),
      ).toEqual([
        { rule: "invalid_total", status: "open" },
        { rule: "negative_total", status: "replayed" },
      ]);
    },
    long,
  );
});

describe("files that were read wrongly", () => {
  it(
    "the source's options are fixed: the files with rejects are read again, nothing is doubled",
    async () => {
      const latin = Buffer.from(
        "order_id,customer,total,ordered_at\n50,j\u00fcrgen,1.00,2026-01-05 10:00:00\n51,ann,2.00,2026-01-05 11:00:00\n",
        "latin1",
      );
      const packed = gzipSync(day(60, 69));
      const config = (smallShop["shoplake.config.ts"] ?? "").replace("inbox/*.csv", "inbox/*");
      const shop = faultShop({ "shoplake.config.ts": config });
      try {
        shop.put({ "inbox/latin.csv": latin, "inbox/packed.csv.gz": packed.subarray(0, -12) });
        const first = await shop.run();
        expectReconciled(first);
        const rejects = (): Promise<readonly unknown[]> =>
          shop.query(
            "SELECT rule, source_ref, status FROM ops.quarantine WHERE dataset = 'bronze.feed_orders' ORDER BY source_ref",
          );
        expect(await rejects()).toEqual([
          { rule: "bad_encoding", source_ref: "inbox/latin.csv:2", status: "open" },
          { rule: "truncated_archive", source_ref: "inbox/packed.csv.gz", status: "open" },
        ]);
        shop.put({
          "shoplake.config.ts": config.replace('format: "csv"', 'format: "csv", encoding: "latin1"'),
        });
        const replayed = await shop.cli("quarantine", "replay", "bronze.feed_orders");
        expect([replayed.code, replayed.stderr]).toEqual([
          0,
          expect.stringContaining("1 row left the quarantine, 1 still rejected"),
        ]);
        shop.put({ "inbox/packed.csv.gz": packed });
        expectReconciled(await shop.run());
        expect((await rejects()).map((row) => (row as { status: string }).status)).toEqual([
          "replayed",
          "replayed",
        ]);
        expect(
          await shop.query(
            "SELECT order_id, customer FROM bronze.feed_orders WHERE order_id IN ('50', '51') ORDER BY order_id",
          ),
        ).toEqual([
          { order_id: "50", customer: "jürgen" },
          { order_id: "51", customer: "ann" },
        ]);
        expect(
          await shop.query(
            "SELECT count() AS n, uniqExact(order_id) AS ids FROM silver.orders WHERE order_id >= 50",
          ),
        ).toEqual([{ n: "12", ids: "12" }]);
      } finally {
        shop.stop();
      }
    },
    long,
  );

  it(
    "columns come, go and change places between files",
    async () => {
      const shop = faultShop({});
      try {
        await shop.run();
        shop.put({
          "inbox/more.csv":
            "channel,order_id,customer,total,ordered_at\nweb,10,ann,1.00,2026-01-05 10:00:00\n",
          "inbox/none.csv": "ordered_at,total,order_id\n2026-01-05 10:00:00,1.00,11\n",
          "inbox/odd.csv": "order_id,customer,total,ordered_at\n12,ann,a lot,2026-01-05 10:00:00\n",
        });
        const ran = await shop.run();
        expect(ran.code).toBe(0);
        expectReconciled(ran);
        expect(
          await shop.query(
            "SELECT order_id, customer, channel FROM bronze.feed_orders WHERE order_id IN ('1', '10', '11') ORDER BY order_id",
          ),
        ).toEqual([
          { order_id: "1", customer: "ann", channel: null },
          { order_id: "10", customer: "ann", channel: "web" },
          { order_id: "11", customer: null, channel: null },
        ]);
        expect(await shop.query("SELECT rule FROM ops.quarantine WHERE raw LIKE '%a lot%'")).toEqual([
          { rule: "invalid_total" },
        ]);
      } finally {
        shop.stop();
      }
    },
    long,
  );
});

describe("an engine that belongs to another command", () => {
  it(
    "ends in the middle of a run: the run goes on with its own",
    async () => {
      const shop = faultShop({});
      const address = join(shop.dir, ".shoplake/engine.json");
      try {
        for (const [n, much] of [0.5, 1.5, 3].entries()) {
          shop.put({ [`inbox/2026-03-0${n}.csv`]: day(100 * n + 10, 100 * n + 19) });
          const owner = shop.start(
            "query",
            `SELECT max(sipHash64(number)) > 0 AS done FROM numbers(${much * 100_000_000})`,
          );
          await expect.poll(() => existsSync(address), { timeout: 60_000, interval: 20 }).toBe(true);
          const ran = await shop.run();
          expect(failures(ran)).toEqual([]);
          expectReconciled(ran);
          const { code, stderr } = await owner.ended;
          expect([code, stderr]).toEqual([0, ""]);
        }
        expect(
          await shop.query(
            "SELECT count() AS n, uniqExact(order_id) AS ids, (SELECT sum(orders) FROM gold.daily_sales) AS gold FROM silver.orders",
          ),
        ).toEqual([{ n: "34", ids: "34", gold: "34" }]);
      } finally {
        shop.stop();
      }
    },
    long,
  );
});

describe("unusual amounts", () => {
  it(
    "an empty source, one row, ten times the usual rows",
    async () => {
      const shop = faultShop({
        "inbox/2026-01-01.csv": undefined,
        "inbox/2026-01-02.csv": undefined,
        "inbox/.keep": "",
        "models/silver/orders.sql": smallShop["models/silver/orders.sql"]?.replace(
          "checks: [{ row_count: { min: 1 } }]",
          "",
        ),
      });
      try {
        const none = await shop.run();
        expect(none.code).toBe(0);
        expect(outcomes(none)).toEqual({
          "bronze.feed_orders": "success none",
          "silver.orders": "skipped upstream",
          "gold.daily_sales": "skipped upstream",
        });
        shop.put({ "inbox/empty.csv": "", "inbox/head.csv": "order_id,customer,total,ordered_at\n" });
        const empty = await shop.run();
        expect([empty.code, outcomes(empty)]).toEqual([
          0,
          {
            "bronze.feed_orders": "success extract",
            "silver.orders": "success full",
            "gold.daily_sales": "success full",
          },
        ]);
        shop.put({ "inbox/one.csv": day(1, 1) });
        const one = await shop.run();
        expect([one.code, one.task("silver.orders").counts.published]).toEqual([0, 1]);
        shop.put({ "inbox/usual.csv": day(2, 2001) });
        expect((await shop.run()).task("silver.orders").counts.published).toBe(2000);
        shop.put({ "inbox/much.csv": day(2002, 22001) });
        const much = await shop.run();
        expect([much.code, much.task("silver.orders").counts.published]).toEqual([0, 20_000]);
        expect(await shop.query("SELECT sum(orders) AS orders FROM gold.daily_sales")).toEqual([
          { orders: "22001" },
        ]);
      } finally {
        shop.stop();
      }
    },
    long,
  );
});
