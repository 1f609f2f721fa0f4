/** Who listens to a run never changes it: the same report, the same rows in ops, and one warning. */
import { expect, it } from "vitest";
import type { RunReport } from "../../src/api/runs.ts";
import { createPlan } from "../../src/pipeline/index.ts";
import { startRun } from "../../src/runs/index.ts";
import { type AnyListener, eventNames, listenTo } from "../../src/telemetry/events.ts";
import { openShop, shopFiles, type TestShop } from "../pipeline/shop.ts";

const files = {
  ...shopFiles,
  "products/p1.csv": "sku,version,category,title\nA,1,books,Alpha\n",
  "orders/o1.csv":
    "order_id,version,day,sku,status,amount\n1,1,2024-01-05,A,paid,10.00\n2,1,2024-02-06,A,paid,-5\n",
  "models/gold/strict.sql":
    "/*\ndescription: x\nchecks: [{ row_count: { min: 99 } }]\n*/\nSELECT count() AS orders FROM silver.orders",
};

const hostile: Readonly<Record<string, AnyListener>> = {
  "throws at every event": (name) => {
    throw new Error(`no ${name}`);
  },
  "rejects at every event": async () => {
    throw new Error("later");
  },
  "never ends": () => new Promise(() => undefined),
  "changes what it is told": (_name, event) => Object.assign(event, { runId: "other", state: "failed" }),
};

/** What must not depend on who listens. Of the version of an input only its number: its ids are new in every shop. */
async function outcome(shop: TestShop, report: RunReport): Promise<unknown> {
  const { engine, state } = shop.project.host;
  await state.flush();
  const tasks = report.tasks.map(({ dataset, state: end, attempt, action, counts, version, error }) => ({
    ...{ dataset, end, attempt, action, counts, version, error: error?.message },
  }));
  const rows = await engine.rows(
    `SELECT dataset, state, attempt, rows_published, rows_rejected, version, replaceRegexpAll(toString(inputs), '[0-9a-f-]+/[0-9a-f]+@', '') AS inputs
     FROM ops.tasks ORDER BY dataset`,
  );
  const runs = await engine.rows("SELECT state, tasks, error FROM ops.runs");
  return { state: report.state, tasks, rows, runs };
}

it("a listener that throws, rejects, never ends or meddles: same report, same rows, one warning", async () => {
  const quiet = await openShop(files);
  const expected = await outcome(quiet, await quiet.run());
  await quiet.stop();
  expect(expected).toMatchObject({ state: "failed" });
  for (const [what, listener] of Object.entries(hostile)) {
    const shop = await openShop(files);
    const run = startRun(shop.project, await createPlan(shop.project));
    run.events.subscribe(`one that ${what}`, listenTo(eventNames, listener));
    const report = await run.done;
    expect(await outcome(shop, report), what).toEqual(expected);
    const { warnings, state } = run.view();
    expect(state, what).toBe("failed");
    expect(warnings.map(({ message }) => message)).toEqual([
      expect.stringMatching(new RegExp(`^one that ${what} does not follow the run any more`)),
    ]);
    await shop.stop();
  }
});
