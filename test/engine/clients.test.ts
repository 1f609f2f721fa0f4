/** Published clients of other languages against the embedded engine; see clients/README.md. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readAddress } from "../../src/engine/discovery.ts";
import { CHECKS, connect } from "./clients/javascript.ts";
import { embeddedForTests, type TestEngine } from "./harness.ts";

const script = join(import.meta.dirname, "..", "..", "scripts", "clients.sh");
const run = promisify(execFile);
const TOOL_MISSING = 3;

let t: TestEngine;
beforeAll(async () => {
  t = await embeddedForTests();
});
afterAll(() => t.stop());

describe.each([false, true])("javascript, compressed: %s", (compressed) => {
  test.each(Object.entries(CHECKS))("%s", async (_name, check) => {
    const address = await readAddress(t.dir);
    const client = connect(address?.url ?? "", address?.token ?? "", compressed);
    await check(client);
    await client.close();
  });
});

test.each(["python", "go", "java"])(
  "%s",
  async (language) => {
    const installed = await run(script, ["install", language], { timeout: 240_000 }).catch(
      (error: unknown) => error,
    );
    const { code, stderr } = installed as { code?: number; stderr: string };
    if (code === TOOL_MISSING && process.env["CI"] !== "true") {
      console.warn(`skipped: ${stderr.trim()}`);
      return;
    }
    expect(code, stderr).toBeUndefined();
    const address = await readAddress(t.dir);
    const { hostname, port } = new URL(address?.url ?? "");
    const result = await run(script, ["run", language, hostname, port, address?.token ?? ""], {
      timeout: 120_000,
    }).catch((error: unknown) => error as { stdout: string; stderr: string });
    expect(result.stdout + result.stderr).not.toMatch(/FAIL|rror:/);
    expect(result.stdout.match(/^ok /gm)?.length).toBeGreaterThanOrEqual(24);
  },
  400_000,
);
