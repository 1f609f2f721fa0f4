import type { Workspace } from "../../pipeline/context.ts";
import type { UnitTest } from "../../project/project.ts";
import type { CommandSpec } from "../command.ts";
import { type CliContext, say, writeJson, writeLines } from "../context.ts";
import { exitCodes } from "../failure.ts";
import { withWorkspace } from "../open.ts";
import { counted, styleFor } from "../style.ts";
import type { UnitTestResult } from "../unit-tests.ts";
import { named } from "../values.ts";

export const command: CommandSpec = {
  name: "test",
  description:
    "Run the unit tests of models in tests/*.yaml on the engine: given rows in, the rows a run would publish out. Published data is not touched.",
  arguments: [
    { name: "[name...]", description: "tests or models such as silver.orders (default: all tests)" },
  ],
  examples: [
    ["shoplake test", "all tests"],
    ["shoplake test silver.orders", "the tests of one model"],
    ["shoplake test --json", "results as data"],
  ],
  async run(context, names) {
    return withWorkspace(context, async (workspace) => {
      const results: UnitTestResult[] = [];
      for (const test of chosenTests(workspace, names)) {
        context.signal.throwIfAborted();
        results.push(await runTest(workspace, test));
      }
      if (context.flags.json) writeJson(context, results);
      else writeResults(context, results);
      return results.every((result) => result.success) ? exitCodes.good : exitCodes.failed;
    });
  },
};

function chosenTests({ project }: Workspace, names: readonly string[]): readonly UnitTest[] {
  if (names.length === 0) return project.unitTests;
  const known = new Map([
    ...project.models.map((model) => [model.dataset, model.dataset] as const),
    ...project.unitTests.map((test) => [test.name, test.name] as const),
  ]);
  const wanted = new Set(names.map((name) => named("test or model", name, known)));
  return project.unitTests.filter((test) => wanted.has(test.name) || wanted.has(test.model));
}

async function runTest(workspace: Workspace, test: UnitTest): Promise<UnitTestResult> {
  const { columnsOf } = await import("../lineage.ts");
  const { runUnitTest } = await import("../unit-tests.ts");
  const model = named(
    "model",
    test.model,
    new Map(workspace.project.models.map((each) => [each.dataset, each])),
  );
  const { engine, newId } = workspace;
  return runUnitTest(test, { engine, model, newId, columnsOf: (dataset) => columnsOf(workspace, dataset) });
}

function writeResults(context: CliContext, results: readonly UnitTestResult[]): void {
  const style = styleFor(context.flags.color && context.stdout.isTTY === true);
  for (const result of results) {
    const verdict = result.success ? style.green("✔ pass") : style.red("✖ fail");
    writeLines(context, [`${verdict}  ${result.model}  ${result.name}`]);
    if (result.success) continue;
    writeLines(context, [
      `        ${result.location}`,
      ...(result.error === undefined ? [] : [`        could not be run: ${result.error}`]),
      ...result.missing.map((row) => `        ${style.green("expected, missing:")} ${row}`),
      ...result.unexpected.map((row) => `        ${style.red("not expected:")}      ${row}`),
    ]);
  }
  const bad = results.filter((result) => !result.success).length;
  if (results.length === 0) say(context, "there are no unit tests; write one: tests/<name>.yaml");
  else say(context, `${counted(results.length, "test")}, ${bad === 0 ? "all passed" : `${bad} failed`}`);
}
