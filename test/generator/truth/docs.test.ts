/** docs/kpis.md is the definition: its names, parameters, columns and rules are those of the truth. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { kpiDefaults } from "../../../src/generator/truth/truth.ts";
import { at, move, truth } from "./hand-made.ts";
import { smallShop } from "./small-shop.ts";

const page = readFileSync(new URL("../../../docs/kpis.md", import.meta.url), "utf8");
const rows = [...page.matchAll(/^\| `(\w+)` \| ([^|]*)\| [^|]+ \| (`[^|]+) \|$/gm)].map(
  ([, name = "", parameters = "", columns = ""]) => ({ name, parameters, columns: words(columns) }),
);

function words(text: string): string[] {
  return [...text.matchAll(/`(\w+)`/g)].map(([, word = ""]) => word);
}

test("every KPI has a row, with its parameters and their defaults", () => {
  const documented = rows.map(({ name, parameters }) => {
    const values = [...parameters.matchAll(/`(\w+)` = (\d+)/g)].map(([, key, value]) => [key, Number(value)]);
    return [name, Object.fromEntries(values)];
  });
  expect(Object.fromEntries(documented)).toEqual(kpiDefaults);
  expect(documented).toHaveLength(38);
});

test("the columns of every KPI, in order", () => {
  const moves = [
    move({ id: 1, productId: 1, type: "IN", quantity: 1, at: at("2026-06-01") }),
    move({ id: 2, productId: 1, type: "OUT", quantity: -1, at: at("2026-06-02") }),
  ];
  const fulfilled = smallShop.orders?.map((each) =>
    each.id === 101 ? { ...each, fulfilledAt: each.orderedAt + 1 } : each,
  );
  const { kpis } = truth({ ...smallShop, moves, orders: fulfilled ?? [] });
  const columns = Object.fromEntries(
    Object.entries(kpis).map(([name, found]) => [name, Object.keys(found[0] ?? {})]),
  );
  expect(columns).toEqual(Object.fromEntries(rows.map((row) => [row.name, row.columns])));
});

test("the rules, rejects before warnings", () => {
  const { rejects, warnings } = truth({});
  const table = (findings: object, name: string) =>
    Object.keys(findings)
      .filter((key) => key.startsWith(`${name}.`))
      .map((key) => key.slice(name.length + 1));
  const names = [...page.matchAll(/^\| (customers|products|orders|\w+_\w+) \| ([^|]*)\| ([^|]+) \|$/gm)];
  expect(names).toHaveLength(6);
  for (const [, name = "", rejected = "", reported = ""] of names) {
    expect([name, words(rejected)]).toEqual([name, table(rejects, name).slice(1)]);
    expect([name, words(reported)]).toEqual([name, table(warnings, name)]);
  }
});
