/** Many clients, large results, slow readers, little memory. SHOPLAKE_FULL=1 takes the full sizes (2 GB instead of 300 MB). */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { type IncomingMessage, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readAddress } from "../../src/engine/discovery.ts";
import { clickHouseCode } from "../../src/engine/engine-error.ts";
import { openEngine } from "../../src/engine/open.ts";
import { embeddedForTests, TEST_ENGINE, type TestEngine, temporaryDir } from "./harness.ts";
import { ask } from "./http.ts";

const FULL = process.env["SHOPLAKE_FULL"] === "1";
let t: TestEngine;
let pid = 0;
beforeAll(async () => {
  t = await embeddedForTests();
  pid = (await readAddress(t.dir))?.pid ?? 0;
});
afterAll(() => t.stop());

/** Resident memory of the engine in bytes; undefined where the system does not tell it this way. */
function residentBytes(): number | undefined {
  try {
    return Number(/VmRSS:\s*(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024;
  } catch {
    return undefined;
  }
}

test("64 clients get their own answers", async () => {
  const clients = Array.from({ length: 64 }, async (_, client) => {
    for (let i = 0; i < 5; i++) {
      const params = { n: client * 1000 + i };
      const rows = await t.engine.rows("SELECT {n:UInt32} AS n, count() AS c FROM numbers({n:UInt32})", {
        params,
      });
      expect(rows).toEqual([{ n: params.n, c: String(params.n) }]);
    }
  });
  await Promise.all(clients);
});

test("a large result goes to a slow reader in bounded memory", async () => {
  const megabytes = FULL ? 2000 : 300;
  const sql = `SELECT number, repeat('x', 990) FROM numbers(${megabytes * 1000})`;
  const before = residentBytes() ?? 0;
  let [read, most] = [0, before];
  for await (const chunk of await t.engine.download(sql, "RowBinary")) {
    const was = read;
    read += (chunk as Buffer).length;
    if (read >> 22 === was >> 22) continue;
    await sleep(FULL ? 1 : 5);
    most = Math.max(most, residentBytes() ?? 0);
  }
  expect(read).toBe(megabytes * 1_000_000);
  expect(most - before).toBeLessThan(200_000_000);
}, 300_000);

test("a large body is spooled, not held", async () => {
  await t.engine.command("CREATE DATABASE IF NOT EXISTS big");
  await t.engine.command("CREATE TABLE big.t (a UInt64, b String) ENGINE = MergeTree ORDER BY a");
  const rows = FULL ? 10_000_000 : 1_000_000;
  const before = residentBytes() ?? 0;
  let most = before;
  const { Readable } = await import("node:stream");
  const body = Readable.from(
    (async function* () {
      for (let i = 0; i < rows; i += 10_000) {
        yield Buffer.from(Array.from({ length: 10_000 }, (_, k) => `${i + k}\t${"y".repeat(90)}\n`).join(""));
        most = Math.max(most, residentBytes() ?? 0);
      }
    })(),
    { objectMode: false },
  );
  expect((await t.engine.upload("INSERT INTO big.t FORMAT TSV", body)).writtenRows).toBe(rows);
  expect(await t.engine.rows("SELECT count() AS n, uniqExact(a) AS u FROM big.t")).toEqual([
    { n: String(rows), u: String(rows) },
  ]);
  expect(most - before).toBeLessThan(100_000_000);
}, 300_000);

test("a statement beyond the memory limit fails with code 241 and the engine goes on", async () => {
  const small = await embeddedForTests({ memoryBytes: 700_000_000 });
  const sql = "SELECT groupArray(repeat('z', 1000)) FROM numbers(5000000)";
  const error = await small.engine.rows(sql).catch((e: unknown) => e);
  expect(clickHouseCode(error)).toBe(241);
  expect(error).toMatchObject({ details: { hint: expect.stringMatching(/engine\.memory/) } });
  expect(await small.engine.rows("SELECT 1 AS one")).toEqual([{ one: 1 }]);
  await small.stop();
});

test("a client that goes away stops its statement", async () => {
  const address = await readAddress(t.dir);
  const headers = { "X-ClickHouse-Key": address?.token };
  const options = { method: "POST", headers, agent: false };
  const outgoing = request(`${address?.url}/?query_id=gone`, options);
  outgoing.on("error", () => {});
  outgoing.end("SELECT number, sipHash64(number) FROM numbers(100000000000)");
  const [response] = (await once(outgoing, "response")) as [IncomingMessage];
  await once(response, "readable");
  const running = async () =>
    (await t.engine.rows("SELECT 1 FROM system.processes WHERE query_id = 'gone'")).length;
  expect(await running()).toBe(1);
  outgoing.destroy();
  await expect.poll(running, { timeout: 10_000 }).toBe(0);
});

test("beyond slots and queue clients are told to come back; a reader that takes nothing is cut off", async () => {
  const dir = await temporaryDir();
  const limits = { queue: 1, queueMs: 300, sendTimeoutMs: 500 };
  const engine = await openEngine({ stateDir: dir, config: { ...TEST_ENGINE, slots: 1 }, limits });
  const address = await readAddress(dir);
  const stuck = request(
    address?.url ?? "",
    { method: "POST", headers: { "X-ClickHouse-Key": address?.token }, agent: false },
    (response) => {
      response.pause();
    },
  );
  stuck.on("error", () => {});
  stuck.end("SELECT repeat('x', 1000) FROM numbers(1000000000)");
  await sleep(200);
  const here = { engine, dir, stop: () => engine.close() };
  const [waiting, refused] = [ask(here, { body: "SELECT 1" }), ask(here, { body: "SELECT 1" })];
  for (const reply of [await waiting, await refused]) {
    expect([reply.status, reply.headers["retry-after"]]).toEqual([503, "1"]);
    expect(reply.body.toString()).toMatch(/^Code: 202.*(Maximum: 1, queued: 1|Waited 300 ms)/);
  }
  await expect
    .poll(() => engine.rows("SELECT 1 AS one").catch(() => []), { timeout: 20_000 })
    .toEqual([{ one: 1 }]);
  stuck.destroy();
  await engine.close();
  await rm(dir, { recursive: true });
}, 60_000);

test("kill -9 during inserts loses no acknowledged row", async () => {
  const dir = await temporaryDir();
  const open = () => openEngine({ stateDir: dir, config: TEST_ENGINE });
  let engine = await open();
  await engine.command("CREATE DATABASE crash");
  await engine.command("CREATE TABLE crash.t (id UInt64) ENGINE = MergeTree ORDER BY id");
  const acknowledged: number[] = [];
  for (let round = 0; round < 3; round++) {
    let alive = true;
    const writers = Array.from({ length: 4 }, async (_, writer) => {
      for (let i = 0; alive; i++) {
        const id = round * 1_000_000 + writer * 100_000 + i;
        await engine.insert("crash.t", [{ id }]).then(
          () => acknowledged.push(id),
          () => {
            alive = false;
          },
        );
      }
    });
    await sleep(700 + round * 150);
    alive = false;
    process.kill((await readAddress(dir))?.pid ?? 0, "SIGKILL");
    await Promise.all(writers);
    await engine.close();
    engine = await open();
  }
  const stored = new Set(
    (await engine.rows<{ id: string }>("SELECT id FROM crash.t")).map(({ id }) => Number(id)),
  );
  expect(acknowledged.length).toBeGreaterThan(30);
  expect(acknowledged.filter((id) => !stored.has(id))).toEqual([]);
  await engine.close();
  await rm(dir, { recursive: true });
}, 90_000);
