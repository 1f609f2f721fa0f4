/** Ctrl-C, as a real signal to the real command: exit code 130, recorded as cancelled, nothing left, and the next run does the rest. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { localStore } from "../../src/lake/store/local.ts";
import { acquireLease } from "../../src/state/lease.ts";
import { openOwner } from "../../src/state/owners.ts";
import { main, shoplake } from "./process.ts";
import { writeSmallShop } from "./small-shop.ts";

const shop = writeSmallShop();
afterAll(() => shop.remove());

interface Stopped {
  readonly code: number | null;
  readonly stderr: string;
  /** From the signal to the end, ms. */
  readonly took: number;
}

/** Runs and sends SIGINT as soon as a line of the output holds `text`. */
function interruptAt(text: string): Promise<Stopped> {
  const child = spawn(process.execPath, [main, "run", "--json", "--full-refresh"], {
    cwd: shop.dir,
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"] },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, stderr, at] = ["", "", 0];
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += chunk;
    if (at > 0 || !stdout.includes(text)) return;
    at = performance.now();
    child.kill("SIGINT");
  });
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stderr, took: performance.now() - at }));
  });
}

async function expectCancelledThenSound(stopped: Stopped): Promise<void> {
  expect(stopped.code).toBe(130);
  expect(stopped.stderr).toContain("interrupted");
  // The end of the embedded engine and of a busy machine are in it.
  expect(stopped.took).toBeLessThan(10_000);
  const runs = JSON.parse((await shoplake(["runs", "--json"], { cwd: shop.dir })).stdout) as {
    state: string;
  }[];
  expect(runs[0]?.state).toBe("cancelled");
  const left = ["query", "SELECT count() AS n FROM system.tables WHERE database = 'staging'", "--json"];
  expect(JSON.parse((await shoplake(left, { cwd: shop.dir })).stdout)).toEqual([{ n: "0" }]);
  expect((await shoplake(["run"], { cwd: shop.dir, timeoutMs: 120_000 })).code).toBe(0);
}

it.each([
  ["the start of the run", '"event":"run.started"'],
  ["staging", '"dataset":"silver.orders","step":"stage"'],
  ["publishing", '"dataset":"silver.orders","step":"publish"'],
])(
  "at %s",
  async (_, text) => {
    await expectCancelledThenSound(await interruptAt(text));
  },
  300_000,
);

it("while it waits for a lease that another process holds", async () => {
  const store = localStore(join(shop.dir, ".shoplake/lake"));
  const owner = openOwner({ store, startedAt: new Date() });
  const lease = await acquireLease(owner, "silver.orders", { purpose: "run other" });
  const stopped = await interruptAt('"message":"waiting for');
  await lease.release();
  await owner.close();
  await expectCancelledThenSound(stopped);
}, 300_000);
