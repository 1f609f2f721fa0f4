import type { UnitTestResult } from "../../analysis/unit-tests.ts";
import type { CommandSpec } from "../command.ts";
import { type CliContext, say, writeJson, writeLines } from "../context.ts";
import { withProject } from "../open.ts";
import { exitCodes } from "../terminal/failure.ts";
import { counted, styleFor } from "../terminal/style.ts";

/** Exit 1 when a test does not pass. */
export const command: CommandSpec = {
  name: "test",
  description:
    "Run the unit tests of models in tests/*.yaml on the engine: given rows in, the rows of the model's SELECT out. Published data is not touched.",
  arguments: [
    {
      name: "[name...]",
      description: "tests or models such as silver.orders (default: all tests)",
      completes: "dataset",
    },
  ],
  examples: [
    ["shoplake test", "all tests"],
    ["shoplake test silver.orders", "the tests of one model"],
    ["shoplake test --json", "results as data"],
  ],
  async run(context, names) {
    const { testModels } = await import("../../app/unit-tests.ts");
    const results = await withProject(context, (project) => testModels(project, names, context.signal));
    if (context.flags.json) writeJson(context, results);
    else writeResults(context, results);
    return results.every((result) => result.status === "pass") ? exitCodes.good : exitCodes.failed;
  },
};

function writeResults(context: CliContext, results: readonly UnitTestResult[]): void {
  const style = styleFor(context.flags.color && context.stdout.isTTY === true);
  for (const result of results) {
    const good = result.status === "pass";
    const verdict = good ? style.green("✔ pass") : style.red(`✖ ${result.status}`);
    writeLines(context, [`${verdict}  ${result.model}  ${result.name}`]);
    if (good) continue;
    writeLines(context, [
      `        ${result.location}: ${result.message}`,
      ...result.missing.map((row) => `        ${style.green("expected, missing:")} ${JSON.stringify(row)}`),
      ...result.unexpected.map((row) => `        ${style.red("not expected:")}      ${JSON.stringify(row)}`),
    ]);
  }
  const bad = results.filter((result) => result.status !== "pass").length;
  if (results.length === 0) say(context, "there are no unit tests; write one: tests/<name>.yaml");
  else say(context, `${counted(results.length, "test")}, ${bad === 0 ? "all passed" : `${bad} failed`}`);
}
