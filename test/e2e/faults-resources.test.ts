/** The disk is full, memory is at its limit: a clear error, nothing partial, and the next run with more of it continues. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { smallShop } from "../cli/small-shop.ts";
import { expectReconciled, type FaultShop, failures, faultShop, versions } from "./fault-shop.ts";

const long = 300_000;

interface SmallDisk {
  /** Makes it so small, or so large, that this much is free. */
  leave(megabytes: number): void;
  remove(): void;
}

/** A disk of its own for a folder of the project; undefined, with the reason, where that is not allowed. */
function smallDisk(folder: string): SmallDisk | undefined {
  const mount = (...args: string[]): void => void execFileSync("mount", args, { stdio: "pipe" });
  mkdirSync(folder, { recursive: true });
  try {
    mount("-t", "tmpfs", "-o", "size=400m", "tmpfs", folder);
  } catch (error) {
    process.stderr.write(`skipped the full disk: mounting needs root (${String(error).split("\n")[0]})\n`);
    return undefined;
  }
  return {
    leave(megabytes) {
      const { blocks, bfree, bsize } = statfsSync(folder);
      mount("-o", `remount,size=${Math.ceil(((blocks - bfree) * bsize) / 1024) + megabytes * 1024}k`, folder);
    },
    remove: () => void execFileSync("umount", ["-l", folder]),
  };
}

/** Lines that do not compress. */
function randomOrders(count: number): string {
  const lines = Array.from(
    { length: count },
    (_, i) =>
      `${1000 + i},${createHash("sha512").update(String(i)).digest("base64url")},1.00,2026-03-01 10:00:00\n`,
  );
  return `order_id,customer,total,ordered_at\n${lines.join("")}`;
}

async function expectOrders(shop: FaultShop, orders: number): Promise<void> {
  expect(
    await shop.query(
      "SELECT count() AS silver, (SELECT count() FROM bronze.feed_orders WHERE toUInt64OrZero(order_id) >= 1000) AS bronze, (SELECT sum(orders) FROM gold.daily_sales WHERE day = '2026-03-01') AS gold FROM silver.orders WHERE order_id >= 1000",
    ),
  ).toEqual([{ silver: String(orders), bronze: String(orders), gold: String(orders) }]);
}

describe("a full disk", () => {
  it.each([
    ["of the lake", "lake", 4],
    ["of everything", ".shoplake", 12],
  ])(
    "%s",
    async (_of, folder, free) => {
      const shop = faultShop({
        "shoplake.config.ts": smallShop["shoplake.config.ts"]?.replace(
          "  sources:",
          `  retries: { attempts: 2, delayMs: 100 },${folder === "lake" ? '\n  lake: { path: "lake" },' : ""}\n  sources:`,
        ),
      });
      const disk = smallDisk(join(shop.dir, folder));
      try {
        if (disk === undefined) return;
        const first = await shop.run();
        expect(failures(first)).toEqual([]);
        shop.put({ "inbox/much.csv": randomOrders(150_000) });
        disk.leave(free);
        const full = await shop.cli("run");
        expect(full.code).toBe(1);
        expect(full.stderr).toMatch(/no space|full|ENOSPC/i);
        expect(full.stderr).not.toContain("this is a bug");
        disk.leave(300);
        const next = await shop.run();
        expect(failures(next)).toEqual([]);
        expectReconciled(next);
        await expectOrders(shop, 150_000);
        expect(versions(await shop.run())).toEqual(versions(next));
      } finally {
        disk?.remove();
        shop.stop();
      }
    },
    long,
  );
});

describe("a memory limit", () => {
  it(
    "is reached: a clear error that says what to raise; with more memory the next run continues",
    async () => {
      const config = smallShop["shoplake.config.ts"] ?? "";
      const limited = (bytes: number): string =>
        config
          .replace("memoryBytes: 1_000_000_000", `memoryBytes: ${bytes}`)
          .replace("  sources:", "  retries: { attempts: 2, delayMs: 100 },\n  sources:");
      const shop = faultShop({
        "shoplake.config.ts": limited(300_000_000),
        "models/gold/hungry.sql":
          "/*\ndescription: x\n*/\nSELECT day, length(groupArray(text)) AS n FROM (SELECT day, toString(cityHash64(arrayJoin(range(2000000)))) AS text FROM gold.daily_sales LIMIT 5000000) GROUP BY day",
      });
      try {
        const limit = await shop.run();
        expect(limit.code).toBe(1);
        expect(failures(limit)).toEqual([["gold.hungry", "failed", expect.anything()]]);
        const { error } = limit.task("gold.hungry");
        expect(error?.code).toBe("engine");
        expect(error?.message).toMatch(/memory limit/i);
        expect(error?.hint).toContain("engine.memoryBytes");
        shop.put({ "shoplake.config.ts": limited(1_500_000_000) });
        const next = await shop.run();
        expect(failures(next)).toEqual([]);
        const published = { ...versions(limit), "gold.hungry": versions(next)["gold.hungry"] };
        expect(versions(next)).toEqual(published);
        expect(await shop.query("SELECT sum(n) AS n FROM gold.hungry")).toEqual([{ n: "4000000" }]);
      } finally {
        shop.stop();
      }
    },
    long,
  );
});
