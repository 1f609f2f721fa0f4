/** Two deliveries never share a table or a file, by whatever option they would. */
import { expect, test } from "vitest";
import { openShop, type ProjectFiles } from "../pipeline/shop.ts";

const gold = (name: string): ProjectFiles => ({
  [`models/gold/${name}.sql`]: "/*\nkey: order_id\n*/\nSELECT order_id FROM bronze.feed_orders",
});

function project(sinks: string, ...models: readonly string[]): ProjectFiles {
  return {
    "shoplake.config.ts": `import { defineProject, files, postgres } from "shoplake";
export default defineProject({
  name: "shared", retries: { attempts: 1, delayMs: 10 },
  sources: { feed: files({ path: "orders/*.csv", format: "csv", table: "orders" }) },
  sinks: { ${sinks} },
});`,
    "orders/o1.csv": "order_id,amount\n1,10.00\n",
    ...Object.assign({}, ...models.map(gold)),
  };
}

const at = (host: string, rest: string) => `postgres({ url: "postgres://u:p@${host}", ${rest} })`;
const long = (end: string) => `${"n".repeat(63)}${end}`;

test.each([
  {
    name: "two datasets, one table",
    files: project(
      `out: ${at("127.0.0.1:1/d", 'schema: "s", tables: { "gold.a": "same", "gold.b": "same" }')}`,
      "a",
      "b",
    ),
    problem: "out:gold.a and out:gold.b would both write s.same",
  },
  {
    name: "a dataset that is called as another's table",
    files: project(`out: ${at("127.0.0.1:1/d", 'schema: "s", tables: { "gold.a": "b" }')}`, "a", "b"),
    problem: "out:gold.a and out:gold.b would both write s.b",
  },
  {
    name: "two sinks whose selects overlap, with the server spelled in two ways",
    files: project(
      `one: ${at("127.0.0.1:1/d", 'schema: "s", select: "gold"')}, two: ${at("LOCALHOST:1/d?sslmode=disable", 'schema: "s", select: "gold.a"')}`,
      "a",
      "b",
    ),
    problem: "one:gold.a and two:gold.a would both write s.a",
  },
  {
    name: "two file sinks whose selects overlap",
    files: project(
      'one: files({ directory: "out", format: "csv" }), two: files({ directory: "./out/", format: "csv", select: "gold.a" })',
      "a",
    ),
    problem: "one:gold.a and two:gold.a would both write gold.a.csv",
  },
  {
    name: "names that PostgreSQL would cut to one",
    files: project(`out: ${at("127.0.0.1:1/d", 'schema: "s"')}`, long("x"), long("y")),
    problem: `The name of gold.${long("x")} is too long for a table of PostgreSQL.`,
  },
])("refuses before anything is written: $name", async ({ files, problem }) => {
  // The shop of the tests tells the problems as JSON.
  await expect(openShop(files)).rejects.toThrow(JSON.stringify(problem));
});

test("one dataset in two schemas is no problem", async () => {
  const shop = await openShop(
    project(`one: ${at("127.0.0.1:1/d", 'schema: "s"')}, two: ${at("127.0.0.1:1/d", 'schema: "t"')}`, "a"),
  );
  expect(shop.project.catalogue.graph.map(({ dataset }) => dataset)).toContain("two:gold.a");
  await shop.stop();
});
