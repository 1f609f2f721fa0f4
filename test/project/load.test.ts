import { describe, expect, test } from "vitest";
import { loadKinds } from "../../src/host/kinds.ts";
import { loadProject } from "../../src/project/load.ts";
import { isSecret } from "../../src/project/secret.ts";
import { ShoplakeError } from "../../src/util/errors.ts";
import { minimalConfig, projectFolder } from "./folder.ts";

const kinds = await loadKinds();

async function problemsOf(files: Record<string, string>, env: Record<string, string> = {}) {
  const error = await loadProject(projectFolder(files), { env, kinds }).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(error instanceof ShoplakeError)) throw new Error(`expected a ShoplakeError, got ${error}`);
  expect(error.code).toBe("config");
  return (error.details.problems ?? []).map(
    ({ file, line, message, hint }) => `${file}:${line ?? ""} ${message}${hint ? ` | ${hint}` : ""}`,
  );
}

const model = "SELECT 1 AS a";

function revealed(value: unknown): string | undefined {
  return isSecret(value) ? value.reveal() : undefined;
}

describe("a good project", () => {
  test("comes out complete", async () => {
    const dir = projectFolder({
      "shoplake.config.ts": `import { defineProject, env, files, postgres } from "shoplake";
export default defineProject({
  name: "commerce", timezone: "Europe/Berlin",
  sources: {
    shop: postgres({ url: env("SHOP_URL"), tables: { orders: { key: "id", cursor: "updated_at" } } }),
    feed: files({ path: "inbox/*.tsv", format: "tsv", table: "products" }),
  },
  sinks: { out: postgres({ url: "postgres://x:secret@h/d", schema: "gold" }), disk: files({ directory: "out", format: "csv", select: "tag:x" }) },
  schedules: [{ name: "daily", cron: "0 1 * * *", select: "bronze" }],
});
`,
      "models/silver/orders.sql": `/*
description: One row per order.
key: order_id
newest_by: [updated_at]
partition_by: toStartOfMonth(order_date)
columns:
  order_id: { description: "the number", checks: [not_null, unique] }
  customer_id:
    type: UInt64
    checks: [{ relationships: { to: silver.customers.customer_id, severity: warn } }]
reject:
  negative_total: total_amount < 0
checks: [{ row_count: { min: 1 } }]
*/

SELECT order_id, {today:Date} AS since -- a; comment
FROM bronze.shop_orders;
-- the end
`,
      "checks/no_future_orders.sql": `/*
dataset: silver.orders
severity: warn
threshold: 5%
*/
SELECT * FROM silver.orders WHERE order_date > '2100-01-01'
`,
      "queries/kpi/revenue.sql": `/*
description: Revenue.
parameters: { since: "2024-01-01", limit: { default: 10 } }
*/
SELECT {since:Date}, {limit:UInt32}, {until:Nullable(Date)}
`,
      "tests/orders.yaml": `- name: newest wins
  model: silver.orders
  given:
    bronze.shop_orders:
      - { order_id: 12345678901234567890, total: 12.50 }
  expect: []
  parameters: { today: 2024-01-01 }
`,
    });
    const project = await loadProject(dir, { env: { SHOP_URL: "postgres://u:p@h/d" }, kinds });
    expect(JSON.stringify(project)).not.toMatch(/secret@|u:p@/);
    expect(
      JSON.parse(JSON.stringify({ ...project, dir: "", stateDir: "", lake: "", engine: "" })),
    ).toMatchSnapshot();
  });

  test("secrets come from a file named by NAME_FILE, or from .env", async () => {
    const config = (name: string) => `import { defineProject, env, postgres } from "shoplake";
export default defineProject({ name: "x", sinks: { s: postgres({ url: env("${name}"), schema: "g" }) } });`;
    const fromFile = projectFolder({ "shoplake.config.ts": config("A"), "secret.txt": "postgres://file\n" });
    const fromDotEnv = projectFolder({ "shoplake.config.ts": config("A"), ".env": "A=postgres://dotenv\n" });
    const urls = await Promise.all([
      loadProject(fromFile, { env: { A_FILE: "secret.txt" }, kinds }),
      loadProject(fromDotEnv, { env: {}, kinds }),
      loadProject(fromDotEnv, { env: { A: "postgres://process" }, kinds }),
    ]);
    expect(urls.map(({ sinks }) => revealed(sinks["s"]?.config["url"]))).toEqual([
      "postgres://file",
      "postgres://dotenv",
      "postgres://process",
    ]);
  });
});

describe("all problems at once", () => {
  test("no project here", async () => {
    await expect(loadProject(projectFolder({ "a.txt": "" }), { env: {}, kinds })).rejects.toMatchObject({
      code: "config",
      message: expect.stringMatching(/^no shoplake\.config\.ts in /),
    });
  });

  test("in the config file", async () => {
    expect(
      await problemsOf(
        {
          "shoplake.config.ts": `import { defineProject, env, files, postgres } from "shoplake";
export default defineProject({
  name: "my shop",
  timezone: "Europe/Berlim",
  curency: "EUR",
  // a comment: with colon
  engine: { url: env("CH_URL") },
  sources: {
    shop: postgres({
      url: env("SHOP_URL"),
      tables: {
        orders: { key: "id", cursr: "updated_at" },
      },
    }),
    feed: files({ path: "x", format: "cvs", table: "Products" }),
    bare: files({ path: "x", format: "csv", table: "t", header: false }),
    none: files({ path: "x", format: "csv" }),
    many: files({ path: "x/*.csv", format: "csv", key: "id", tables: { a: {}, b: { typs: { id: "Int64" } } } }),
    lines: files({ path: "{table}.csv", format: "csv", header: false, tables: { a: { columns: ["x"] }, b: {} } }),
  },
  lake: { path: "a", s3: { endpoint: "http://e", bucket: "b", accessKeyId: "k", secretAccessKey: "s" } },
  schedules: [
    { name: "a", cron: "0 1 * *", select: "bronze" },
  ],
});
`,
        },
        { SHOP_URL: "x", SHOP_URL_FILE: "y" },
      ),
    ).toMatchInlineSnapshot(`
      [
        "shoplake.config.ts:3 name: must be letters, digits, _ and -, starting with a letter or digit",
        "shoplake.config.ts:4 timezone: is not a timezone; expected a name like Europe/Berlin",
        "shoplake.config.ts:5 unknown key "curency" | did you mean "currency"?",
        "shoplake.config.ts:7 environment variable CH_URL is not set (engine.url) | looked for CH_URL in the environment, CH_URL_FILE in the environment, CH_URL in .env, CH_URL_FILE in .env; set one of them",
        "shoplake.config.ts:10 both SHOP_URL and SHOP_URL_FILE are set in the environment (sources.shop.url) | unset one of them",
        "shoplake.config.ts:12 unknown key "cursr" in sources.shop.tables.orders | did you mean "cursor"?",
        "shoplake.config.ts:15 sources.feed.format must be one of "csv", "tsv", "jsonl", "json", "parquet"",
        "shoplake.config.ts:15 sources.feed.table: must be lower-case letters, digits and _, starting with a letter",
        "shoplake.config.ts:16 sources.bare.columns: files without a header line need the column names",
        "shoplake.config.ts:17 sources.none.table: name one table with \`table\`, or several with \`tables\`",
        "shoplake.config.ts:18 sources.many.path: with several tables {table} must stand in the path, in the place of the table's name",
        "shoplake.config.ts:18 sources.many.tables: key, cursor, types and columns belong to each table when there are several",
        "shoplake.config.ts:18 unknown key "typs" in sources.many.tables.b | did you mean "types"?",
        "shoplake.config.ts:19 sources.lines.columns: files without a header line need the column names",
        "shoplake.config.ts:21 lake: give either path or s3, not both",
        "shoplake.config.ts:23 schedules.0.cron: expected five fields: minute hour day-of-month month day-of-week",
      ]
    `);
  });

  test("schedules with names of other selectors, or of none", async () => {
    const schedule = (name: string) => `    { name: "${name}", cron: "@daily", select: "bronze" },\n`;
    const names = ["nightly", "feed", "gold", "sink", "orders", "feed_products"];
    expect(
      await problemsOf({
        "shoplake.config.ts": `import { defineProject, files } from "shoplake";
export default defineProject({
  name: "x",
  sources: { feed: files({ path: "x", format: "csv", table: "products" }) },
  schedules: [
${names.map(schedule).join("")}  ],
});
`,
        "models/silver/orders.sql": "SELECT 1 AS a FROM bronze.feed_products",
      }),
    ).toMatchInlineSnapshot(`
      [
        "shoplake.config.ts:7 the schedule feed has the name of the source feed | give it a name of its own: \`shoplake run <schedule>\` takes it for a selector",
        "shoplake.config.ts:8 the schedule gold has the name of the layer gold | give it a name of its own: \`shoplake run <schedule>\` takes it for a selector",
        "shoplake.config.ts:9 the schedule sink has the name of the layer sink | give it a name of its own: \`shoplake run <schedule>\` takes it for a selector",
        "shoplake.config.ts:10 the schedule orders has the name of the dataset silver.orders | give it a name of its own: \`shoplake run <schedule>\` takes it for a selector",
        "shoplake.config.ts:11 the schedule feed_products has the name of the dataset bronze.feed_products | give it a name of its own: \`shoplake run <schedule>\` takes it for a selector",
      ]
    `);
    expect(
      await problemsOf({
        "shoplake.config.ts": `import { defineProject } from "shoplake";
export default defineProject({ name: "x", schedules: [
${schedule("silver.orders")}${schedule("a b")}] });
`,
      }),
    ).toMatchInlineSnapshot(`
      [
        "shoplake.config.ts:3 schedules.0.name: must be letters, digits, _ and -, starting with a letter or digit",
        "shoplake.config.ts:4 schedules.1.name: must be letters, digits, _ and -, starting with a letter or digit",
      ]
    `);
  });

  test("a config file that does not run", async () => {
    expect(await problemsOf({ "shoplake.config.ts": `\nthrow new Error("boom");\n` })).toMatchInlineSnapshot(`
      [
        "shoplake.config.ts:2 boom",
      ]
    `);
    expect(await problemsOf({ "shoplake.config.ts": `\nexport default { name: \n` })).toMatchInlineSnapshot(`
      [
        "shoplake.config.ts:3 ParseError: Unexpected token",
      ]
    `);
    expect(await problemsOf({ "shoplake.config.ts": `\nexport const a = 1;\n` })).toMatchInlineSnapshot(`
      [
        "shoplake.config.ts:1 there is no default export | write export default defineProject({ ... })",
      ]
    `);
  });

  test("in models", async () => {
    expect(
      await problemsOf({
        "shoplake.config.ts": minimalConfig,
        "models/orphan.sql": model,
        "models/silver/Orders.sql": model,
        "models/silver/a/twice.sql": model,
        "models/silver/b/twice.sql": model,
        "models/silver/empty.sql": "/* description: x */\n-- nothing\n",
        "models/silver/two.sql": "/*\n*/\nSELECT 1;\nSELECT 2",
        "models/silver/open.sql": "/* description: x\nSELECT 1",
        "models/silver/yaml.sql": "/*\ndescription: x\nkey: [a\ntags: b\n*/\nSELECT 1",
        "models/silver/double.sql": "/*\nkey: a\nkey: b\n*/\nSELECT 1",
        "models/silver/parameter.sql": "/*\n*/\nSELECT {today:Date},\n  {today:String},\n  {tody:Date}",
        "models/gold/keys.sql": `/*
descripton: x
key: { a: 1 }
columns:
  a:
    checks:
      - not_nul
      - { unique: {}, extra: {} }
      - accepted_range: { min: 0, severity: fatal }
      - regex: { pattern: x, config: { warn_if: "< 5" } }
reject:
  Bad-Name: a < 0
*/
${model}`,
        "models/gold/newest.sql": `/*\nnewest_by: a\n*/\n${model}`,
      }),
    ).toMatchInlineSnapshot(`
      [
        "models/gold/keys.sql:2 unknown key "descripton" | did you mean "description"?",
        "models/gold/keys.sql:3 key: expected a name or a list of names",
        "models/gold/keys.sql:7 unknown check type "not_nul" | did you mean "not_null"?",
        "models/gold/keys.sql:8 a check is a type, or one type with its arguments | write not_null, or { accepted_range: { min: 0 } }",
        "models/gold/keys.sql:9 check accepted_range.severity must be one of "warn", "error"",
        "models/gold/keys.sql:10 check regex.config.warn_if: expected "> 10", ">= 10" or "!= 0"",
        "models/gold/keys.sql:12 reject.Bad-Name: a rule's name must be lower-case letters, digits and _",
        "models/gold/newest.sql:2 newest_by needs a key: of several rows with the same key the newest is kept | add key: <columns>",
        "models/orphan.sql:1 the file stands in no layer | move it to models/silver or models/gold; bronze is filled by sources",
        "models/silver/Orders.sql:1 "Orders" cannot be the name of a dataset | use lower-case letters, digits and _ for the file's name, starting with a letter",
        "models/silver/b/twice.sql:1 two models are named silver.twice: models/silver/a/twice.sql and models/silver/b/twice.sql | rename one of the files",
        "models/silver/double.sql:3 YAML: Map keys must be unique",
        "models/silver/empty.sql:1 there is no SELECT",
        "models/silver/open.sql:1 the header comment is not closed | end it with */",
        "models/silver/parameter.sql:4 parameter today is Date in one place and String in another | give it one type",
        "models/silver/parameter.sql:5 unknown parameter {tody} in the SELECT of a model | did you mean "today"?",
        "models/silver/two.sql:4 there is a second statement | one file holds one SELECT; use WITH for steps",
        "models/silver/yaml.sql:4 YAML: Flow sequence in block collection must be sufficiently indented and end with a ]",
      ]
    `);
  });

  test("in a header whose aliases would fill the memory: at once, beside those of other files", async () => {
    const level = (name: string, of: string) => `${name}: &${name} [${Array(9).fill(of)}]`;
    const names = ["a", "b", "c", "d", "e", "f", "g", "h"];
    const levels = names.map((name, i) => level(name, i === 0 ? "x" : `*${names[i - 1]}`));
    const start = performance.now();
    const problems = await problemsOf({
      "shoplake.config.ts": minimalConfig,
      "models/silver/bomb.sql": `/*\n${levels.join("\n")}\ntags: [*h]\n*/\nSELECT 1 AS a`,
      "models/silver/empty.sql": "/* description: x */\n-- nothing\n",
    });
    expect(performance.now() - start).toBeLessThan(10_000);
    expect(problems).toEqual([
      "models/silver/bomb.sql:1 YAML: Excessive alias count indicates a resource exhaustion attack. | Write the values out.",
      "models/silver/empty.sql:1 there is no SELECT",
    ]);
  });

  test("in checks, queries and unit tests", async () => {
    expect(
      await problemsOf({
        "shoplake.config.ts": minimalConfig,
        "models/silver/orders.sql": model,
        "checks/a.sql": "/*\ndataset: silver.order\n*/\nSELECT 1",
        "checks/b.sql": "SELECT 1",
        "checks/c.sql": "/*\nseverity: warn\ndataset: bronze.feed_orders\n*/\nSELECT 1",
        "queries/q.sql": "/*\nparameters:\n  since: 1\n*/\nSELECT {sinse:Date}",
        "tests/t.yaml":
          "- model: silver.order\n  given: { bronze.feed_order: [] }\n  expect: []\n- model: silver.orders\n  expct: []\n",
      }),
    ).toMatchInlineSnapshot(`
      [
        "checks/a.sql:2 unknown dataset "silver.order" | did you mean "silver.orders"?",
        "checks/b.sql: dataset is missing: expected string",
        "checks/c.sql:3 checks stand on silver and gold datasets, not on bronze.feed_orders",
        "queries/q.sql:3 unknown parameter "since" in the query's SQL | did you mean "sinse"?",
        "tests/t.yaml:1 unknown dataset "bronze.feed_order" in test t_1 | did you mean "bronze.feed_orders"?",
        "tests/t.yaml:1 unknown model "silver.order" in test t_1 | did you mean "silver.orders"?",
        "tests/t.yaml:5 unknown key "expct" | did you mean "expect"?",
      ]
    `);
  });
});

describe("checks in dbt's spelling", () => {
  test("nested arguments, config, two limits, same names", async () => {
    const dir = projectFolder({
      "shoplake.config.ts": minimalConfig,
      "models/silver/orders.sql": `/*
columns:
  a:
    checks:
      - unique: { config: { severity: warn, where: "a > 0" } }
      - accepted_values:
          arguments: { values: [x, y] }
          config: { warn_if: ">0", error_if: ">= 10" }
      - unique
checks:
  - unique: { columns: [a, b], threshold: { percent: 1.5 } }
*/
${model}`,
    });
    const project = await loadProject(dir, { env: {}, kinds });
    expect(project.models[0]?.checks).toMatchInlineSnapshot(`
      [
        {
          "arguments": {},
          "column": "a",
          "dimension": "uniqueness",
          "location": "models/silver/orders.sql:5",
          "name": "unique_a",
          "severity": "warn",
          "type": "unique",
          "where": "a > 0",
        },
        {
          "arguments": {
            "values": [
              "x",
              "y",
            ],
          },
          "column": "a",
          "dimension": "validity",
          "location": "models/silver/orders.sql:6",
          "name": "accepted_values_a",
          "severity": "error",
          "threshold": {
            "rows": 9,
          },
          "type": "accepted_values",
        },
        {
          "arguments": {
            "values": [
              "x",
              "y",
            ],
          },
          "column": "a",
          "dimension": "validity",
          "location": "models/silver/orders.sql:6",
          "name": "accepted_values_a_warning",
          "severity": "warn",
          "threshold": {
            "rows": 0,
          },
          "type": "accepted_values",
        },
        {
          "arguments": {},
          "column": "a",
          "dimension": "uniqueness",
          "location": "models/silver/orders.sql:9",
          "name": "unique_a_2",
          "severity": "error",
          "type": "unique",
        },
        {
          "arguments": {
            "columns": [
              "a",
              "b",
            ],
          },
          "dimension": "uniqueness",
          "location": "models/silver/orders.sql:11",
          "name": "unique_a_b",
          "severity": "error",
          "threshold": {
            "percent": 1.5,
          },
          "type": "unique",
        },
      ]
    `);
  });
});
