/** Unit tests of models. */
import { runUnitTests, type UnitTestResult } from "../analysis/unit-tests.ts";
import type { OpenProject } from "../pipeline/index.ts";
import type { Project, UnitTest } from "../project/project.ts";
import { named } from "../util/named.ts";

/**
 * Runs the tests of these names, or of the models of these names; none: all tests. Throws `usage` with the nearest name for one
 * that there is not.
 */
export async function testModels(
  { host, catalogue }: OpenProject,
  names: readonly string[],
  signal: AbortSignal,
): Promise<readonly UnitTestResult[]> {
  const only = chosen(catalogue.project, names);
  const known = [...catalogue.datasets.values()].filter(({ model, columns }) => !model && columns.length > 0);
  const bronze = Object.fromEntries(known.map(({ name, columns }) => [name, columns]));
  const results: UnitTestResult[] = [];
  for await (const result of runUnitTests(catalogue.project, host.engine, { bronze, only })) {
    signal.throwIfAborted();
    results.push(result);
  }
  return results;
}

/** Which tests the names mean: tests, or models with all their tests. */
function chosen(project: Project, names: readonly string[]): (test: UnitTest) => boolean {
  if (names.length === 0) return () => true;
  const known = new Map([
    ...project.models.map(({ dataset }) => [dataset, dataset] as const),
    ...project.unitTests.map(({ name }) => [name, name] as const),
  ]);
  const wanted = new Set(names.map((name) => named("test or model", name, known)));
  return (test) => wanted.has(test.name) || wanted.has(test.model);
}
