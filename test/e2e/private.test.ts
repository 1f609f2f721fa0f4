/** With the most open umask there is: nobody but the owner can read anything in the state folder, at any time of a run. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, lstatSync, readdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openShop, shopFiles, type TestShop } from "../pipeline/shop.ts";

const cli = resolve(import.meta.dirname, "../../dist/cli/main.js");
let shop: TestShop;
beforeAll(async () => {
  const config = shopFiles["shoplake.config.ts"] ?? "";
  shop = await openShop({
    ...shopFiles,
    "shoplake.config.ts": config
      .replace("orders/*.csv", "orders/*.csv.gz")
      .replace('format: "csv", table: "orders"', 'format: "csv", encoding: "windows-1252", table: "orders"'),
    "products/p1.csv": "sku,version,category,title\nA,1,books,Alpha\n",
    "orders/readme.txt": "",
  });
  await shop.project.close();
  const rows = Array.from(
    { length: 20_000 },
    (_, i) => `${i},1,2024-01-05,A,${i % 9 ? "paid" : "open"},${i % 50 ? i : -1}.00`,
  );
  const text = `order_id,version,day,sku,status,amount\n${rows.join("\n")}\n`;
  await writeFile(join(shop.dir, "orders/o1.csv.gz"), gzipSync(text));
});
afterAll(() => shop.stop());

/** Paths below the state folder that others may read, write or enter, with their mode. */
function open(): string[] {
  const state = join(shop.dir, ".shoplake");
  const found: string[] = [];
  const look = (path: string) => {
    try {
      const stat = lstatSync(path);
      if (stat.isSymbolicLink()) return;
      if ((stat.mode & 0o077) !== 0)
        found.push(`${relative(state, path)} ${(stat.mode & 0o777).toString(8)}`);
      if (stat.isDirectory()) for (const name of readdirSync(path)) look(join(path, name));
    } catch {
      // gone in the meantime
    }
  };
  look(state);
  return found;
}

/** Everything below a folder of the project; [] when it changed while it was read. */
function names(folder: string): readonly string[] {
  try {
    return readdirSync(join(shop.dir, folder), { recursive: true }).map(String);
  } catch {
    return [];
  }
}

it("all files and folders of the state folder are closed for others, while a run goes on and after it", async () => {
  chmodSync(join(shop.dir, ".shoplake"), 0o755);
  const run = spawn("sh", ["-c", `umask 000; exec "$0" "$@"`, process.execPath, cli, "run"], {
    cwd: shop.dir,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  run.stdout.on("data", (data) => (output += data));
  run.stderr.on("data", (data) => (output += data));
  const closed = once(run, "close");
  const seen = new Set<string>();
  let spooled = false;
  while (run.exitCode === null) {
    for (const path of open()) if (path !== " 755") seen.add(path);
    spooled ||= names(".shoplake/spool").some((path) => path.includes("decoded"));
    expect(
      names(".shoplake").filter((path) => path.includes("decoded") && !path.startsWith("spool/")),
    ).toEqual([]);
    await sleep(2);
  }
  expect([(await closed)[0], output]).toEqual([0, expect.any(String)]);
  expect([...seen]).toEqual([]);
  expect(open()).toEqual([]);
  expect(spooled).toBe(true);
  expect(readdirSync(join(shop.dir, ".shoplake")).sort()).toEqual(
    expect.arrayContaining(["lake", "logs", "warehouse"]),
  );
});
