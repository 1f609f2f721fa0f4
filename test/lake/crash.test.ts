/** Writers that are killed, race each other, or hear no answer: nothing acknowledged is lost, nothing is doubled. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Snapshot } from "../../src/lake/delta/snapshot.ts";
import { decodePath } from "../../src/lake/partition.ts";
import { type StoreUnderTest, storeKinds } from "./stores.ts";
import { lakeOf } from "./tables.ts";
import { type ChildWork, startWriter } from "./writer-child.ts";

/** The rows must be exactly those of the commits up to each writer's position. */
async function checkRows(under: StoreUnderTest, dataset: string): Promise<Snapshot | undefined> {
  const table = lakeOf(under).table(dataset);
  const snapshot = await table.snapshot();
  if (snapshot === undefined) return undefined;
  const found = await under.engine.rows<{ writer: string; rows: string; different: string; last: string }>(
    `SELECT writer, count() AS rows, uniqExact(id) AS different, max(id) AS last FROM ${table.read(snapshot)} GROUP BY writer`,
  );
  expect(new Map(found.map((row) => [row.writer, Number(row.last)]))).toEqual(
    new Map([...snapshot.positions].map(([writer, n]) => [writer, n * 10 + 9])),
  );
  for (const row of found)
    expect(row).toMatchObject({ rows: row.different, last: String(Number(row.rows) + 9) });
  return snapshot;
}

/** Everything in the folder belongs to the newest version or to the log. */
async function checkClean(under: StoreUnderTest, dataset: string): Promise<void> {
  const table = lakeOf(under).table(dataset);
  await table.cleanOrphans({});
  const live = new Set((await table.snapshot())?.files.map((file) => decodePath(file.path)));
  const folder = dataset.replace(".", "/");
  for await (const { key } of under.store.list(`${folder}/`)) {
    const path = key.slice(folder.length + 1);
    const inLog = /^_delta_log\/(\d{20}\.(json|checkpoint\.parquet)|_last_checkpoint)$/.test(path);
    expect({ path, known: inLog || live.has(path) }).toEqual({ path, known: true });
  }
}

for (const { kind, available, open } of storeKinds)
  describe.skipIf(!available)(`writers on ${kind}`, () => {
    let under: StoreUnderTest;
    beforeAll(async () => {
      under = await open();
    });
    afterAll(() => under?.stop());

    const finish = async (work: ChildWork) => {
      const child = startWriter(under, { ...work, dieAtStep: 0 });
      expect(await child.ended).toBe("0");
      expect((await checkRows(under, work.dataset))?.positions.get(work.taskId)).toBe(work.commits);
    };

    it.runIf(kind === "local disk")(
      "killed at every step of writing: the next run ends the same",
      async () => {
        let died = 0;
        for (let dieAtStep = 1; ; dieAtStep++) {
          const work = {
            dataset: `bronze.step${dieAtStep}`,
            taskId: "w",
            commits: 3,
            checkpointEvery: 2,
            dieAtStep,
          };
          const child = startWriter(under, work);
          const ended = await child.ended;
          const snapshot = await checkRows(under, work.dataset);
          const committed = snapshot?.positions.get("w") ?? 0;
          expect(committed).toBeGreaterThanOrEqual(child.acknowledged.length);
          expect(committed).toBeLessThanOrEqual(child.acknowledged.length + 1);
          await checkClean(under, work.dataset);
          if (ended === "0") break;
          expect(ended).toBe("SIGKILL");
          died++;
          if (dieAtStep % 8 === 1) await finish(work);
        }
        expect(died).toBeGreaterThan(40);
      },
      600_000,
    );

    it("killed at random moments, again and again on one table", async () => {
      const work = { dataset: "bronze.random", taskId: "w", commits: 40, checkpointEvery: 5 };
      let committed = 0;
      const rounds = kind === "S3" ? 6 : 15;
      for (let round = 0; round < rounds; round++) {
        const child = startWriter(under, work);
        const timer = setTimeout(() => child.kill(), 300 + ((round * 7919) % 900));
        await child.ended;
        clearTimeout(timer);
        const now = (await checkRows(under, work.dataset))?.positions.get("w") ?? 0;
        expect(now).toBeGreaterThanOrEqual(committed + child.acknowledged.length);
        committed = now;
      }
      await finish(work);
      await checkClean(under, work.dataset);
    }, 300_000);

    it("4 processes commit at the same time and none is lost", async () => {
      const commits = kind === "S3" ? 10 : 25;
      const dataset = "bronze.four";
      const writers = ["a", "b", "c", "d"].map((taskId) => startWriter(under, { dataset, taskId, commits }));
      expect(await Promise.all(writers.map((writer) => writer.ended))).toEqual(["0", "0", "0", "0"]);
      expect(writers.map((writer) => writer.acknowledged.length)).toEqual([
        commits,
        commits,
        commits,
        commits,
      ]);
      const snapshot = await checkRows(under, dataset);
      expect(snapshot?.version).toBe(4 * commits - 1);
      expect([...(snapshot?.positions.values() ?? [])]).toEqual([commits, commits, commits, commits]);
      await checkClean(under, dataset);
    }, 300_000);
  });
