/** Chance that depends on nothing but its key, so that any row can be made again without the rows before it. */

/** Numbers of one row. The same calls in the same order give the same values. */
export interface Random {
  /** In [0, 1). */
  next(): number;
  /** A whole number from `min` to `max`, both included. */
  int(min: number, max: number): number;
  /** One of the items, each as likely. */
  pick<T>(list: readonly [T, ...T[]]): T;
  /** One of the values, as often as its weight says. */
  weighted<T>(choices: Choices<T>): T;
  /** True with this probability, 0 to 1. */
  chance(probability: number): boolean;
}

/** Values with their weights. */
export type Choices<T> = readonly [readonly [T, number], ...(readonly [T, number])[]];

/** The key of a stream of numbers: streamKey(42, "orders"). */
export function streamKey(seed: number, name: string): number {
  return mix(mix(hash(name) ^ mix(seed >>> 0)) + Math.floor(seed / 2 ** 32));
}

/** Number `id` of a stream, in [0, 1). */
export function unit(key: number, id: number): number {
  return mix(mix(key ^ id) + key) / 2 ** 32;
}

/** Many numbers for row `id` of a stream: Mulberry32. */
export function random(key: number, id: number): Random {
  let state = mix(mix(key ^ id) + key);
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    return mix(state) / 2 ** 32;
  };
  return {
    next,
    int: (min, max) => min + Math.floor(next() * (max - min + 1)),
    pick: (list) => pick(next(), list),
    chance: (probability) => next() < probability,
    weighted: (choices) => choose(next(), choices),
  };
}

/** The item at a share in [0, 1) of a list. */
export function pick<T>(share: number, list: readonly [T, ...T[]]): T {
  return list[Math.floor(share * list.length)] ?? list[0];
}

/** The value at a share in [0, 1) of the weights. */
export function choose<T>(share: number, choices: Choices<T>): T {
  let total = 0;
  for (const [, weight] of choices) total += weight;
  let left = share * total;
  for (const [value, weight] of choices) {
    left -= weight;
    if (left < 0) return value;
  }
  return choices[0][0];
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value;
}

/** The finaliser of MurmurHash3: every bit of the input changes about half of the output. Unsigned. */
function mix(value: number): number {
  let x = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}
