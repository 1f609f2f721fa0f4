/** Named queries know the day, timezone and currency of their project. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { headlineOf } from "../../src/app/headline.ts";
import { runCommandLine } from "../../src/cli/command-line.ts";
import { headlineTexts } from "../../src/cli/terminal/kpis.ts";
import { openProject } from "../../src/host/open.ts";
import { writeSmallShop } from "./small-shop.ts";
import { testContext } from "./terminal.ts";

const select = "SELECT {today:Date} AS today, {timezone:String} AS timezone, {currency:String} AS currency";
const shop = writeSmallShop({
  "queries/kpi/revenue.sql": undefined,
  "queries/kpi/standard.sql": select,
  "queries/kpi/own.sql": `/*\nparameters: { currency: { default: USD, description: the shop's } }\n*/\n${select}`,
  "queries/kpi/money.sql":
    "SELECT toDecimal64('1473770.79', 4) AS cents, toDecimal64('-0.125', 4) AS less, toDecimal64(7, 4) AS none, 12345 AS whole",
  "queries/kpi/not_given.sql": "SELECT {since:Date} AS since",
});
let project: Awaited<ReturnType<typeof openProject>>;
beforeAll(async () => {
  project = await openProject({ dir: shop.dir });
});
afterAll(async () => {
  await project?.close();
  shop.remove();
});

/** Berlin has the next day already. */
const now = new Date("2026-06-30T22:30:00Z");

async function query(...args: string[]) {
  const context = testContext({}, { cwd: shop.dir, env: { PATH: process.env["PATH"] } });
  const code = await runCommandLine({ ...context, clock: () => now }, ["query", ...args, "--json"]);
  return code === 0 ? JSON.parse(context.stdout.text) : context.stderr.text;
}

const standard = { today: "2026-07-01", timezone: "Europe/Berlin", currency: "EUR" };

test("query: the project's values, over them the header's, over all --param", async () => {
  expect(await query("kpi/standard")).toEqual([standard]);
  expect(await query("kpi/own")).toEqual([{ ...standard, currency: "USD" }]);
  expect(await query("kpi/own", "--param", "currency=CHF", "--param", "today=2020-02-29")).toEqual([
    { today: "2020-02-29", timezone: "Europe/Berlin", currency: "CHF" },
  ]);
  expect(await query("kpi/own", "--param", "today=soon")).toMatch(
    /the parameter today is "soon"\n +allowed +a value of the type Date\n/,
  );
  expect(await query("kpi/not_given")).toContain("the parameter since has no value");
});

test("headline KPIs run with them", async () => {
  const { kpis } = headlineTexts(await headlineOf(project.host.engine, project.catalogue.project, now));
  expect(kpis.map(({ name, value }) => `${name}: ${value}`)).toEqual([
    "Cents: 1,473,770.79",
    "Less: -0.125",
    "None: 7.00",
    "Whole: 12,345",
    "Today: 2026-07-01",
    "Timezone: Europe/Berlin",
    "Currency: USD",
    "Today: 2026-07-01",
    "Timezone: Europe/Berlin",
    "Currency: EUR",
  ]);
});
