import { expect, test } from "vitest";
import { ownTables } from "../../src/host/source-tables.ts";

const table = (name: string) => ({ name, key: [], columns: [] });

test("a table whose dataset another source fills is left out, and named", () => {
  const owners = new Map([["bronze.a_b_c", "a_b"]]);
  const warnings: string[] = [];
  const warn = (message: string) => warnings.push(message);
  const first = ownTables("a", [table("b_c"), table("b_d")], owners, warn);
  const second = ownTables("a_b", [table("c"), table("d")], owners, warn);
  expect([first, second].map((tables) => tables.map(({ name }) => name))).toEqual([["b_d"], ["c"]]);
  expect(warnings).toEqual([
    expect.stringMatching(/table b_c is left out, because bronze.a_b_c is filled by the source a_b/),
    expect.stringMatching(/table d is left out, because bronze.a_b_d is filled by the source a\./),
  ]);
});
