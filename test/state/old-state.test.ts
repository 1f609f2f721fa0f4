/** A project that version 0.1.0 left opens, shows the same, and has nothing to do; also when the migration was killed. */
import { spawnSync } from "node:child_process";
import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openProject, openProjectHost } from "../../src/host/open.ts";
import { createPlan } from "../../src/pipeline/index.ts";
import { runPlan } from "../../src/runs/index.ts";
import { type Listing, listingOf, oldListing, oldProject, shortListing } from "./old-state.ts";

let dir: string;
let old: Listing;
beforeEach(async () => {
  old = await oldListing();
  dir = await oldProject();
});
afterEach(() => rm(dirname(dir), { recursive: true, force: true }));

/** Everything but the columns that the old version did not have. */
function expectSame(found: Listing): void {
  expect(found.datasets).toEqual(old.datasets);
  expect(found.history).toEqual(old.history);
  expect(found.quarantine).toEqual(old.quarantine);
  expect(found.runs).toEqual(old.runs.map((run) => ({ ...run, owner: "" })));
}

test("it shows the same datasets, history, rejects and runs, and the next run does nothing", async () => {
  const host = await openProjectHost({ dir });
  expectSame(await listingOf(dir, old));
  await host.close();
  const project = await openProject({ dir });
  try {
    const report = await runPlan(project, await createPlan(project));
    expect(report.state).toBe("success");
    expect(report.tasks.map(({ dataset, action }) => [dataset, action])).toEqual(
      report.tasks.map(({ dataset }) => [dataset, "none"]),
    );
    const { datasets, history, quarantine } = await listingOf(dir, old);
    expect({ datasets, history, quarantine }).toEqual({
      datasets: old.datasets,
      history: old.history,
      quarantine: old.quarantine,
    });
  } finally {
    await project.close();
  }
});

// One step of the migration gives a table its new layout in five statements; the first one is CREATE DATABASE.
test.each([
  ["self", [2, 5, 6, 29, 38]],
  ["engine", [4, 5]],
] as const)("killed (%s) in every part of a step, it shows the same", async (victim, statements) => {
  for (const nth of statements) {
    const worker = join(import.meta.dirname, "migrate-worker.mjs");
    const killed = spawnSync(process.execPath, [worker, dir, String(nth), victim], { encoding: "utf8" });
    expect(victim === "self" ? killed.signal : killed.status, killed.stderr).toBe(
      victim === "self" ? "SIGKILL" : 1,
    );
    const host = await openProjectHost({ dir });
    const { datasets, quarantine, runs } = await shortListing(host, old);
    expectSame({ datasets, quarantine, runs, history: old.history });
    expect(
      await host.engine.rows(
        "SELECT name FROM system.tables WHERE database = 'ops' AND endsWith(name, '_next')",
      ),
    ).toEqual([]);
    await host.close();
    await rm(dirname(dir), { recursive: true, force: true });
    dir = await oldProject();
  }
});
