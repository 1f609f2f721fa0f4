/** Which runs have ended is asked of their owners: a living one is never buried under newer ones, a dead one never forgotten. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Host } from "../../src/pipeline/index.ts";
import { stageRejectedInputs } from "../../src/quality/quarantine.ts";
import { buryDeadRuns } from "../../src/runs/dead-runs.ts";
import { livingOwners } from "../../src/runs/liveness.ts";
import { openShop, type TestShop } from "../pipeline/shop.ts";

let shop: TestShop;
let host: Host;
beforeAll(async () => {
  shop = await openShop();
  ({ host } = shop.project);
});
afterAll(() => shop.stop());

const startedAt = new Date("2026-01-01T00:00:00Z");

async function start(
  runId: string,
  owner: string,
  more: { host?: string; pid?: number } = {},
): Promise<void> {
  await host.state.runs.record({ runId, state: "running", startedAt, owner, host: "mars", pid: 7, ...more });
  const task = {
    taskId: `${runId}-t`,
    runId,
    dataset: `bronze.${runId}`,
    layer: "bronze",
    reason: "",
    startedAt,
  };
  await host.state.tasks.record({ ...task, attempt: 1, state: "running", action: "extract" });
  await host.state.tasks.record({
    ...task,
    taskId: `${runId}-q`,
    attempt: 0,
    state: "queued",
    action: "extract",
  });
  await stageRejectedInputs(host.engine, {
    dataset: `bronze.${runId}`,
    runId,
    taskId: `${runId}-t`,
    rejected: [{ sourceRef: "a.csv:1", rule: "broken", reason: "r", raw: runId }],
  });
}

const staged = async () =>
  (await host.engine.rows<{ run_id: string }>("SELECT run_id FROM ops.quarantine_log ORDER BY run_id")).map(
    (row) => row.run_id,
  );
const running = async () => (await host.state.runs.list({ running: true })).map(({ runId }) => runId).sort();

test("a living run keeps its staged rejects behind 150 newer runs; dead ones fail, on any machine", async () => {
  await start("living", "owner-a");
  await start("dead", "owner-b");
  await start("here", host.owner.id);
  await start("old_elsewhere", "");
  await start("old_dead", "", { host: host.owner.host, pid: 2 ** 22 + 1 });
  await start("old_living", "", { host: host.owner.host, pid: process.pid });
  for (let i = 0; i < 150; i++) {
    const times = { startedAt: new Date(startedAt.getTime() + (i + 1) * 1000) };
    await host.state.runs.record({ runId: `newer${i}`, state: "running", ...times });
    await host.state.runs.record({ runId: `newer${i}`, state: "failed", ...times, endedAt: times.startedAt });
  }
  const asked: string[] = [];
  await buryDeadRuns(host, async (owner) => {
    asked.push(owner);
    return owner === "owner-a" || (owner !== "owner-b" && (await livingOwners(host)(owner)));
  });
  expect(asked.sort()).toEqual(["owner-a", "owner-b", host.owner.id].sort());
  expect(await running()).toEqual(["here", "living", "old_living"]);
  expect(await staged()).toEqual(["here", "living", "old_living"]);
  const [dead] = await host.state.runs.list({ idBegins: "dead" });
  expect(dead).toMatchObject({
    state: "failed",
    error: "its process ended without a word: 7 on mars",
    owner: "owner-b",
  });
  const tasks = await host.state.tasks.ofRun("dead");
  expect(tasks.map((task) => [task.taskId, task.state, task.error?.code]).sort()).toEqual([
    ["dead-q", "cancelled", "interrupted"],
    ["dead-t", "failed", "interrupted"],
  ]);
  await buryDeadRuns(host, async () => true);
  expect(await running()).toEqual(["here", "living", "old_living"]);
});

test("a run that ends in good order while its owner is asked for stays as it ended", async () => {
  await start("ending", "owner-c");
  await buryDeadRuns(host, async (owner) => {
    if (owner !== "owner-c") return true;
    // The other process records the end of its run and closes: from then on its owner is not alive.
    const endedAt = new Date(startedAt.getTime() + 1000);
    await host.state.runs.record({ runId: "ending", state: "success", startedAt, endedAt, owner });
    return false;
  });
  const [run] = await host.state.runs.list({ idBegins: "ending" });
  expect(run).toMatchObject({ state: "success", error: "" });
});
