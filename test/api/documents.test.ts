/** What the commands print with --json is what src/api promises. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { z } from "zod";
import { checkDocumentSchema } from "../../src/api/checks.ts";
import { type EventName, eventSchemas } from "../../src/api/events.ts";
import { runDocumentSchema, runsDocumentSchema } from "../../src/api/history.ts";
import { planSchema } from "../../src/api/plan.ts";
import { runReportSchema } from "../../src/api/runs.ts";
import { shoplake } from "../cli/process.ts";
import { writeSmallShop } from "../cli/small-shop.ts";

/** One model fails its check, so that errors and checks that fail are among what is printed. */
const shop = writeSmallShop({
  "models/gold/strict.sql":
    "/*\ndescription: x\nchecks: [{ row_count: { min: 99 } }]\n*/\nSELECT count() AS orders FROM silver.orders",
});
let lines: Record<string, unknown>[];
beforeAll(async () => {
  const { stdout } = await shoplake(["run", "--json"], { cwd: shop.dir, timeoutMs: 240_000 });
  lines = jsonLines(stdout);
}, 300_000);
afterAll(() => shop.remove());

const jsonLines = (text: string) =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);

/** The problems of a document, for a person. */
function problems(schema: z.ZodType, document: unknown): unknown {
  const { error } = schema.safeParse(document);
  return error?.issues ?? [];
}

describe("run --json", () => {
  it("prints events as they are documented, the report last", () => {
    const names = new Set(lines.map(({ event }) => event));
    for (const name of [
      "run.started",
      "task.state",
      "task.inputs",
      "task.step",
      "task.published",
      "check.result",
      "run.finished",
    ])
      expect(names).toContain(name);
    for (const { event, ...payload } of lines.slice(0, -1))
      expect([event, problems(eventSchemas[event as EventName], payload)]).toEqual([event, []]);
    const last = lines.at(-1);
    expect(last?.["event"]).toBe("report");
    expect(problems(runReportSchema, last?.["report"])).toEqual([]);
  });

  it("says enough for OpenLineage: a start, inputs before the output is written, an end with an error", () => {
    const of = (dataset: string) => lines.filter((line) => line["dataset"] === dataset);
    const silver = of("silver.orders").map((line) =>
      [line["event"], line["state"] ?? line["step"] ?? ""].join(" ").trim(),
    );
    expect(silver).toEqual([
      "task.state running",
      "task.step plan",
      "task.inputs",
      "task.step stage",
      "task.step audit",
      "task.step publish",
      "task.step record",
      "task.published",
      "task.state success",
    ]);
    expect(of("silver.orders").at(-1)).toMatchObject({
      inputs: { "bronze.feed_orders": expect.stringMatching(/^[0-9a-f-]{36}\/[0-9a-f]+@0$/) },
      attempt: 1,
    });
    expect(of("gold.strict").at(-1)).toMatchObject({ state: "failed", error: { code: "quality" } });
  });
});

it.each([
  ["plan", ["plan"], planSchema],
  ["check", ["check"], checkDocumentSchema],
  ["runs", ["runs"], runsDocumentSchema],
  ["runs last", ["runs", "last"], runDocumentSchema],
] as const)("%s --json", async (_, args, schema) => {
  const { stdout } = await shoplake([...args, "--json"], { cwd: shop.dir, timeoutMs: 120_000 });
  expect(problems(schema, JSON.parse(stdout))).toEqual([]);
});

it("logs --json", async () => {
  const { stdout } = await shoplake(["logs", "--json"], { cwd: shop.dir, timeoutMs: 120_000 });
  for (const { time, event, ...payload } of jsonLines(stdout)) {
    expect(time).toBe(payload["at"]);
    expect(problems(eventSchemas[event as EventName], payload)).toEqual([]);
  }
});
