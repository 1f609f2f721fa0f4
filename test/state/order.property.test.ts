/** Whatever the order in which records arrive, and however often: the views show the same. */
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { PublicationRecord, RunRecord, TaskRecord } from "../../src/state/records.ts";
import { openState } from "../../src/state/state.ts";
import { embeddedForTests, type TestEngine } from "../engine/harness.ts";
import { emptyOps } from "./empty-ops.ts";

let t: TestEngine;
let runs = 0;
beforeAll(async () => {
  t = await embeddedForTests();
});
afterAll(() => t.stop());

const day = (n: number) => new Date(Date.UTC(2026, 0, 1) + n * 86_400_000);
const counts = { read: 3, published: 2, rejected: 1, deduplicated: 0 };

type Call =
  | { readonly kind: "run"; readonly record: RunRecord }
  | { readonly kind: "task"; readonly record: TaskRecord }
  | { readonly kind: "publication"; readonly record: PublicationRecord };

/** What one run says about itself, in the order of its life; it may have been killed at any place. */
function lifeOf(run: number, attempts: number, end: "success" | "failed"): Call[] {
  const runId = `r${run}`;
  const startedAt = day(run * 17);
  const dataset = `silver.d${run % 2}`;
  const task = {
    taskId: `${runId}t`,
    runId,
    dataset,
    layer: "silver",
    action: "full",
    reason: "",
    startedAt,
  };
  const tries = Array.from({ length: attempts }, (_, i): Call[] => [
    { kind: "task", record: { ...task, state: "running", attempt: i + 1 } },
    {
      kind: "task",
      record: { ...task, state: i + 1 < attempts ? "up_for_retry" : end, attempt: i + 1, counts },
    },
  ]);
  const publication = { dataset, version: run, taskId: task.taskId, runId, mode: "full" as const, counts };
  return [
    { kind: "run", record: { runId, startedAt, state: "running", owner: "me" } },
    { kind: "task", record: { ...task, state: "queued", attempt: 0 } },
    ...tries.flat(),
    ...(end === "success"
      ? [{ kind: "publication" as const, record: { ...publication, publishedAt: startedAt } }]
      : []),
    { kind: "run", record: { runId, startedAt, state: end, owner: "me", endedAt: startedAt } },
  ];
}

const lives = fc
  .array(fc.record({ attempts: fc.integer({ min: 1, max: 3 }), end: fc.constantFrom("success", "failed") }), {
    minLength: 1,
    maxLength: 4,
  })
  .map((runs) => runs.flatMap(({ attempts, end }, i) => lifeOf(i, attempts, end as "success" | "failed")));

const scrambled = lives.chain((calls) =>
  fc.record({
    calls: fc.constant(calls),
    shuffled: fc.array(fc.nat({ max: calls.length - 1 }), { maxLength: 6 }).chain((again) => {
      const all = [...calls, ...again.flatMap((i) => calls[i] ?? [])];
      return fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length });
    }),
  }),
);

async function shown(calls: readonly Call[]): Promise<unknown> {
  await emptyOps(t.engine);
  let now = Date.UTC(2026, 6, ++runs % 20);
  const clock = () => {
    now += 1000;
    return new Date(now);
  };
  const state = await openState(t.engine, clock);
  for (const call of calls) {
    if (call.kind === "run") await state.runs.record(call.record);
    else if (call.kind === "task") await state.tasks.record(call.record);
    else await state.publications.record(call.record);
  }
  await state.flush();
  const all = (view: string) => t.engine.rows(`SELECT * FROM ops.${view} ORDER BY ALL`);
  return {
    runs: await state.runs.list(),
    newestRuns: await state.runs.list({ limit: 2 }),
    running: await state.runs.list({ running: true }),
    views: await Promise.all(["runs", "tasks", "publications", "newest_publications"].map(all)),
  };
}

test("any order and repetition of records gives the same views", async () => {
  await fc.assert(
    fc.asyncProperty(scrambled, async ({ calls, shuffled }) => {
      expect(await shown(shuffled)).toEqual(await shown(calls));
    }),
    { numRuns: 8 },
  );
});
