/** Decimals that are exact: whole cents and fractions of whole numbers, rounded once, half away from zero. */

type Whole = number | bigint;

/** `numerator / denominator` with `digits` decimals; null when the denominator is 0: ratio(2, 3, 2) -> "0.67". */
export function ratio(numerator: Whole, denominator: Whole, digits: number): string | null {
  const [top, bottom] = [BigInt(numerator), BigInt(denominator)];
  if (bottom === 0n) return null;
  return shift(roundedQuotient(top * 10n ** BigInt(digits), bottom), digits);
}

/** `100 * part / whole` with two decimals; null when the whole is 0: percent(1, 3) -> "33.33". */
export function percent(part: Whole, whole: Whole): string | null {
  return ratio(BigInt(part) * 100n, whole, 2);
}

/** Whole cents as an amount: money(-5) -> "-0.05". */
export function money(cents: Whole): string {
  return shift(BigInt(cents), 2);
}

/** Cents for each of `count`, as an amount of whole cents; null for none: moneyPer(1000, 3) -> "3.33". */
export function moneyPer(cents: Whole, count: Whole): string | null {
  return ratio(cents, BigInt(count) * 100n, 2);
}

/** How `a / b` compares to `c / d`, for `b` and `d` above 0: negative, 0 or positive. */
export function compareRatios([a, b]: readonly [Whole, Whole], [c, d]: readonly [Whole, Whole]): number {
  const [left, right] = [BigInt(a) * BigInt(d), BigInt(c) * BigInt(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

function roundedQuotient(top: bigint, bottom: bigint): bigint {
  const negative = top < 0n !== bottom < 0n;
  const [size, by] = [top < 0n ? -top : top, bottom < 0n ? -bottom : bottom];
  const quotient = (2n * size + by) / (2n * by);
  return negative ? -quotient : quotient;
}

function shift(scaled: bigint, digits: number): string {
  const text = (scaled < 0n ? -scaled : scaled).toString().padStart(digits + 1, "0");
  const sign = scaled < 0n ? "-" : "";
  return digits === 0 ? sign + text : `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}
