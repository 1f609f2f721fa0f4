import { expect, test } from "vitest";
import { own, recordOf } from "../../src/util/own.ts";

test("a record holds what was put into it, and nothing that every object has", () => {
  const names = ["constructor", "toString", "__proto__", "hasOwnProperty"];
  for (const name of names) expect(own({}, name)).toBeUndefined();
  const record = recordOf(names.map((name, i) => [name, i] as const));
  expect(names.map((name) => own(record, name))).toEqual([0, 1, 2, 3]);
  expect(Object.keys(record)).toEqual(names);
  expect(own(record, "valueOf")).toBeUndefined();
});
