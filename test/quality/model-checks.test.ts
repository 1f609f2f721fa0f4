import { expect, test } from "vitest";
import { checksOf } from "../../src/quality/model-checks.ts";
import { spec } from "./helpers.ts";

const model = { key: ["id"], newestBy: [], checks: [], file: "models/silver/orders.sql" };
const names = (given: Partial<Parameters<typeof checksOf>[0]>) =>
  checksOf({ ...model, ...given }).map((check) => check.name);

test("a key implies that it is unique, as an error", () => {
  expect(checksOf(model)).toMatchObject([
    { name: "unique_id", type: "unique", arguments: { columns: ["id"] }, severity: "error" },
  ]);
  expect(names({ key: ["a", "b"] })).toEqual(["unique_a_b"]);
});

test("not without a key, and not when the newest row of a key is chosen", () => {
  expect(names({ key: [] })).toEqual([]);
  expect(names({ newestBy: ["updated_at"] })).toEqual([]);
});

test("not twice: a declared check of exactly these columns does it", () => {
  expect(names({ checks: [spec("unique", {}, { column: "id" })] })).toEqual(["unique_id"]);
  expect(names({ checks: [spec("unique", { column: "id" })] })).toEqual(["unique"]);
  const both = spec("unique", { columns: ["b", "a"] });
  expect(names({ key: ["a", "b"], checks: [both] })).toEqual(["unique"]);
});

test("a check of other columns, of some rows, or that only warns does not stand in for it", () => {
  const email = spec("unique", {}, { column: "email" });
  expect(names({ checks: [email] })).toEqual(["unique_email", "unique_id"]);
  const some = spec("unique", {}, { column: "id", where: "id > 0" });
  expect(names({ checks: [some] })).toEqual(["unique_id", "unique_id_2"]);
  const warns = spec("unique", {}, { column: "id", severity: "warn" });
  expect(names({ checks: [warns] })).toEqual(["unique_id", "unique_id_2"]);
  expect(names({ key: ["a", "b"], checks: [spec("unique", {}, { column: "a" })] })).toEqual([
    "unique_a",
    "unique_a_b",
  ]);
});
