/** Tells scripts/broken-on-purpose.mjs which tests failed and of what: error names and their causes, which no other reporter keeps. */
import { writeFileSync } from "node:fs";
import type { SerializedError } from "vitest";
import type { Reporter, TestCase, TestModule } from "vitest/node";

interface Failure {
  readonly name: string;
  readonly message: string;
  readonly cause?: Failure;
}

function failureOf(error: SerializedError): Failure {
  const { name = "", message, cause } = error;
  return cause instanceof Object ? { name, message, cause: failureOf(cause) } : { name, message };
}

function reported(test: TestCase): object {
  const { state, errors = [] } = test.result();
  return { file: test.module.relativeModuleId, name: test.fullName, state, errors: errors.map(failureOf) };
}

export default class BrokenOnPurposeReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()].map(reported));
    const errors = [
      ...modules.flatMap((module) => [...module.errors(), ...suiteErrors(module)]),
      ...unhandled,
    ];
    const file = process.env["BROKEN_ON_PURPOSE_REPORT"];
    if (file !== undefined) writeFileSync(file, JSON.stringify({ tests, errors: errors.map(failureOf) }));
  }
}

/** Of beforeAll and afterAll. */
function suiteErrors(module: TestModule): readonly SerializedError[] {
  return [...module.children.allSuites()].flatMap((suite) => [...suite.errors()]);
}
