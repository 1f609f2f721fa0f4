/** A shop's own export, with names as people write them, from the file to the model and back. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCommandLine } from "../../src/cli/command-line.ts";
import { testContext } from "./terminal.ts";

let dir = "";
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "shoplake-names-"));
  mkdirSync(join(dir, "node_modules"));
  symlinkSync(resolve("."), join(dir, "node_modules/shoplake"));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(dir, path)), { recursive: true });
  writeFileSync(join(dir, path), text);
}

async function run(...args: string[]) {
  const context = testContext({}, { cwd: dir, env: { PATH: process.env["PATH"] } });
  const code = await runCommandLine({ ...context, clock: () => new Date() }, args);
  return { code, out: context.stdout.text, err: context.stderr.text };
}

const config = (more: string) => `import { defineProject, files } from "shoplake";
export default defineProject({ name: "names", engine: { threads: 1 }, sources: {
  feed: files({ path: "inbox/*.csv", format: "csv", table: "invoices"${more} }) } });\n`;

test("a header of any words is loaded, modelled, and told as it was received", async () => {
  write("shoplake.config.ts", config(', rename: { "Invoice #": "invoice" }'));
  write(
    "inbox/2025-01.csv",
    'Invoice #,Paid on,"Net (EUR)",constructor,__proto__,_id,_source,Größe,a.b\n1,2025-01-02,3.50,c,p,i,s,g,d\n',
  );
  write(
    "models/silver/invoices.sql",
    '/*\nkey: invoice\n*/\nSELECT invoice, paid_on, net_eur, "constructor", "__proto__", _id, source_source, grosse, a_b, _source FROM bronze.feed_invoices\n',
  );
  const first = await run("run");
  expect(first.code, first.err).toBe(0);
  const { out } = await run("query", "SELECT * FROM silver.invoices", "--format", "csv");
  expect(out.trim().split("\n").at(-1)?.replaceAll('"', "")).toBe("1,2025-01-02,3.50,c,p,i,s,g,d,feed");
  const shown = JSON.parse((await run("show", "bronze.feed_invoices", "--json")).out) as {
    columns: { name: string; received?: string }[];
  };
  expect(shown.columns.map(({ name, received }) => [name, received]).slice(0, 9)).toEqual([
    ["invoice", "Invoice #"],
    ["paid_on", "Paid on"],
    ["net_eur", "Net (EUR)"],
    ["constructor", undefined],
    ["__proto__", undefined],
    ["_id", undefined],
    ["source_source", "_source"],
    ["grosse", "Größe"],
    ["a_b", "a.b"],
  ]);
  expect((await run("show", "bronze.feed_invoices")).out).toContain('received as "Net (EUR)"');
  expect((await run("docs")).out).toContain('| `paid_on` | `Nullable(String)` | received as "Paid on" |');
  expect((await run("lineage", "silver.invoices.constructor")).out).toContain(
    "bronze.feed_invoices.constructor",
  );

  write("inbox/2025-02.csv", "Paid on,Invoice #\n2025-02-02,2\n");
  expect((await run("run")).code).toBe(0);
  const later = await run(
    "query",
    "SELECT invoice, paid_on FROM silver.invoices ORDER BY invoice",
    "--format",
    "csv",
  );
  expect(later.out).toContain("2025-02-02");

  write("inbox/2025-03.csv", "Invoice #,invoice\n3,4\n");
  expect((await run("run")).code).toBe(0);
  expect((await run("quarantine", "list")).out).toContain("unusable_names");
});

test("a collision in the first file is an error that names both, and nothing is loaded", async () => {
  rmSync(join(dir, "inbox"), { recursive: true });
  rmSync(join(dir, ".shoplake"), { recursive: true });
  rmSync(join(dir, "models"), { recursive: true });
  write("shoplake.config.ts", config(""));
  write("inbox/a.csv", "id,ID\n1,2\n");
  const { code, err } = await run("run");
  expect([code, err]).toEqual([1, expect.stringContaining('"id" and "ID" would both be')]);
  expect((await run("show", "bronze.feed_invoices")).err).toContain("never been published");
});
