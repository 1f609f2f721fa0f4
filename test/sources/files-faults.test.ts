/** What happens when the folder changes under the reader. */
import { appendFileSync, chmodSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { embeddedForTests, type TestEngine } from "../engine/harness.ts";
import { testContext } from "./bronze.ts";
import { type Inbox, newInbox } from "./files-harness.ts";

let engine: TestEngine;
beforeAll(async () => {
  engine = await embeddedForTests();
});
afterAll(() => engine.stop());

/** Reads 70 files, which are two extracts; between them `meddle` does something to files of the second one. */
async function readWhile(inbox: Inbox, meddle: () => void) {
  for (let i = 0; i < 70; i++) inbox.put(`inbox/${String(i).padStart(2, "0")}.csv`, `id\n${i}\n`);
  const warnings: string[] = [];
  const context = await testContext(engine.engine, inbox.dir, warnings);
  const extracts: { rows: number | undefined; positions: string[] }[] = [];
  for await (const extract of inbox.source.read(await inbox.table(), await inbox.bronze.state(), context)) {
    const [row] = await engine.engine.rows<{ n: string }>(`SELECT count() AS n FROM ${extract.from}`, {
      settings: extract.settings ?? {},
    });
    expect(Number(row?.n)).toBe(extract.rows);
    extracts.push({ rows: extract.rows, positions: Object.keys(extract.positions) });
    await extract.dispose();
    if (extracts.length === 1) meddle();
  }
  return { extracts, warnings };
}

describe("a folder that changes while it is read", () => {
  it("leaves out a file that vanished and takes the others", async () => {
    const inbox = newInbox(engine);
    const { extracts, warnings } = await readWhile(inbox, () => rmSync(join(inbox.dir, "inbox/66.csv")));
    expect(extracts.map(({ rows }) => rows)).toEqual([64, 5]);
    expect(extracts[1]?.positions).not.toContain("file:inbox/66.csv");
    expect(warnings).toEqual(["inbox/66.csv changed while it was read: the next run takes it."]);
  });

  it("leaves a file that grew to the next run", async () => {
    const inbox = newInbox(engine);
    const { extracts, warnings } = await readWhile(inbox, () =>
      appendFileSync(join(inbox.dir, "inbox/66.csv"), "660\n"),
    );
    expect(extracts.map(({ rows }) => rows)).toEqual([64, 5]);
    expect(extracts[1]?.positions).not.toContain("file:inbox/66.csv");
    expect(warnings).toEqual(["inbox/66.csv changed while it was read: the next run takes it."]);
  });

  it.skipIf(process.getuid?.() === 0)("names a file that may not be read", async () => {
    const inbox = newInbox(engine);
    inbox.put("inbox/secret.csv", "id\n1\n");
    const table = await inbox.table();
    chmodSync(join(inbox.dir, "inbox/secret.csv"), 0);
    await expect(inbox.bronze.take(inbox.source, table)).rejects.toThrow("Cannot read inbox/secret.csv");
  });

  it("stops when it is told to", async () => {
    const inbox = newInbox(engine);
    inbox.put("inbox/a.csv", "id\n1\n");
    const context = await testContext(engine.engine, inbox.dir);
    const stopped = { ...context, signal: AbortSignal.abort() };
    const read = inbox.source.read(await inbox.table(), await inbox.bronze.state(), stopped);
    await expect(read[Symbol.asyncIterator]().next()).rejects.toMatchObject({ name: "AbortError" });
  });
});
