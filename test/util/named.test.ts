import { expect, test } from "vitest";
import { isAlive } from "../../src/util/is-alive.ts";
import { named } from "../../src/util/named.ts";

test("named lists what there is, at most twenty", () => {
  const known = new Map(Array.from({ length: 30 }, (_, index) => [`query_${index}`, index]));
  expect(named("query", "query_7", known)).toBe(7);
  expect(() => named("query", "qery_7", known)).toThrow(
    expect.objectContaining({
      message: 'there is no query "qery_7"',
      details: expect.objectContaining({
        hint: "did you mean query_7?",
        allowed: expect.stringMatching(/ and 10 more$/),
      }),
    }),
  );
});

test("processes", () => {
  expect(isAlive(process.pid)).toBe(true);
  expect(isAlive(2 ** 30)).toBe(false);
});
