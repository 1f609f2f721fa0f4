import fc from "fast-check";
import { expect, test } from "vitest";
import { compareRatios, money, moneyPer, percent, ratio } from "../../../src/generator/truth/exact.ts";

test("half is rounded away from zero", () => {
  expect(ratio(1, 2, 0)).toBe("1");
  expect(ratio(-1, 2, 0)).toBe("-1");
  expect(ratio(5, 1000, 2)).toBe("0.01");
  expect(ratio(-5, 1000, 2)).toBe("-0.01");
  expect(ratio(-4, 1000, 2)).toBe("0.00");
  expect(ratio(1005, 1000, 2)).toBe("1.01");
  expect(ratio(1, -8, 2)).toBe("-0.13");
});

test("nothing is divided by 0", () => {
  expect([ratio(1, 0, 2), percent(0, 0), moneyPer(1, 0)]).toEqual([null, null, null]);
});

test("amounts", () => {
  expect([money(0), money(-5), money(123_456), money(-100)]).toEqual(["0.00", "-0.05", "1234.56", "-1.00"]);
  expect([moneyPer(1000, 3), moneyPer(2001, 2)]).toEqual(["3.33", "10.01"]);
  expect([percent(1, 3), percent(2, 3), percent(7, 7)]).toEqual(["33.33", "66.67", "100.00"]);
});

test("fractions of cents are refused", () => {
  expect(() => money(0.5)).toThrow();
});

test("a ratio is within half of its last digit, and further from zero on a tie", () => {
  const whole = fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n });
  const digits = fc.integer({ min: 0, max: 6 });
  fc.assert(
    fc.property(whole, whole, digits, (top, bottom, places) => {
      fc.pre(bottom !== 0n);
      const text = ratio(top, bottom, places) ?? "";
      const scaled = BigInt(text.replace(".", ""));
      const twice = 2n * (scaled * bottom - top * 10n ** BigInt(places));
      const size = (value: bigint) => (value < 0n ? -value : value);
      expect(size(twice) <= size(bottom)).toBe(true);
      if (size(twice) === size(bottom))
        expect(size(scaled * bottom) > size(top * 10n ** BigInt(places))).toBe(true);
    }),
  );
});

test("ratios are compared without rounding", () => {
  expect(compareRatios([1, 3], [333_333_333, 1_000_000_000])).toBe(1);
  expect(compareRatios([2, 4], [1, 2])).toBe(0);
  expect(compareRatios([-1, 2], [0, 5])).toBe(-1);
});
