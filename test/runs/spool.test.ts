/** The spool holds rows of customers: it goes with its run, or with the first run after the one that was killed. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { afterEach, expect, it } from "vitest";
import { sweepSpool } from "../../src/util/spool.ts";
import { openShop, shopFiles, type TestShop } from "../pipeline/shop.ts";

const cli = resolve(import.meta.dirname, "../../dist/cli/main.js");
let shop: TestShop | undefined;
afterEach(() => shop?.stop());

it("removes the spool of owners that are gone, and what bears no owner's name; keeps the others", async () => {
  const dir = await mkdtemp(join(tmpdir(), "shoplake-spool-"));
  try {
    expect(await sweepSpool(dir, () => false)).toEqual([]);
    for (const owner of ["a1", "b2", "0123456789ab"]) {
      await mkdir(join(dir, "spool", owner, "run", "task"), { recursive: true });
      await writeFile(join(dir, "spool", owner, "run", "task", "rows"), "secret");
    }
    await writeFile(join(dir, "spool", "stray"), "secret");
    expect([...(await sweepSpool(dir, async (owner) => owner === "b2"))].sort()).toEqual([
      "0123456789ab",
      "a1",
      "stray",
    ]);
    expect(await readdir(join(dir, "spool"))).toEqual(["b2"]);
    expect(await readdir(join(dir, "spool/b2/run/task"))).toEqual(["rows"]);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
});

function spooled(dir: string): readonly string[] {
  try {
    const entries = readdirSync(join(dir, ".shoplake/spool"), { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
  } catch {
    return [];
  }
}

async function untilSpooled(dir: string, run: ChildProcess): Promise<void> {
  while (spooled(dir).length === 0 && run.exitCode === null) await sleep(2);
}

it("kill -9 with rows in the spool: the next run leaves none", async () => {
  const config = shopFiles["shoplake.config.ts"] ?? "";
  shop = await openShop({
    "shoplake.config.ts": config
      .replace("orders/*.csv", "orders/*.csv.gz")
      .replace('table: "orders"', 'encoding: "windows-1252", table: "orders"'),
    "orders/readme.txt": "",
    "products/p1.csv": "sku,version,category,title\nA,1,books,Alpha\n",
  });
  const { dir } = shop;
  await shop.project.close();
  const rows = Array.from({ length: 400_000 }, (_, i) => `${i},1,2024-01-05,A,paid,${i}.00`).join("\n");
  await writeFile(
    join(dir, "orders/o1.csv.gz"),
    gzipSync(`order_id,version,day,sku,status,amount\n${rows}\n`, { level: 1 }),
  );
  const run = spawn(process.execPath, [cli, "run"], { cwd: dir, stdio: "ignore" });
  const ended = once(run, "exit");
  await untilSpooled(dir, run);
  run.kill("SIGKILL");
  await ended;
  expect(spooled(dir)).not.toEqual([]);
  const owners = readdirSync(join(dir, ".shoplake/spool"));
  expect(owners).toHaveLength(1);
  await shop.reopen();
  expect((await shop.run()).tasks.flatMap(({ error }) => error ?? [])).toEqual([]);
  expect(spooled(dir)).toEqual([]);
  for (const owner of owners) expect(existsSync(join(dir, ".shoplake/spool", owner))).toBe(false);
});
