/** The password of a ClickHouse server is in no error, whatever goes wrong with it. */
import { inspect } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readAddress } from "../../src/engine/discovery.ts";
import { openEngine } from "../../src/engine/open.ts";
import { secret } from "../../src/project/secret.ts";
import { embeddedForTests, type TestEngine } from "./harness.ts";

let t: TestEngine;
beforeAll(async () => {
  t = await embeddedForTests();
});
afterAll(() => t.stop());

/** The embedded engine behind its HTTP interface is a server like any other. */
async function open(password: string, url?: string) {
  const address = await readAddress(t.dir);
  const config = {
    kind: "server",
    url: url ?? address?.url ?? "",
    username: "default",
    password: secret(password),
  } as const;
  return openEngine({ stateDir: t.dir, config });
}

const told = (error: unknown): string => inspect(error, { depth: 20, showHidden: true }) + String(error);

test("a wrong password, and a server that is not there", async () => {
  const wrong = await open("pl4nted-s3cret").catch((error: unknown) => error);
  expect(wrong).toMatchObject({ code: "engine", details: { hint: /password/ } });
  expect(told(wrong)).not.toContain("pl4nted-s3cret");
  const absent = await open("pl4nted-s3cret", "http://127.0.0.1:1").catch((error: unknown) => error);
  expect(absent).toMatchObject({ code: "engine", retryable: true });
  expect(told(absent)).not.toContain("pl4nted-s3cret");
});

test("a statement that fails, and the engine itself", async () => {
  const token = (await readAddress(t.dir))?.token ?? "";
  const engine = await open(token);
  const refused = await engine.rows("SELECT nowhere").catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: "engine" });
  expect(told(refused)).not.toContain(token);
  expect(engine.url).not.toContain(token);
  const [processes] = [await engine.rows("SELECT * FROM system.processes")];
  expect(JSON.stringify(processes)).not.toContain(token);
  await engine.close();
});
