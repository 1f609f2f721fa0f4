/** Grouping, adding up and ordering. */

/** Groups in the order of their first item. */
export function groupBy<Item, Key>(items: Iterable<Item>, keyOf: (item: Item) => Key): Map<Key, Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

/** 0 for no items. */
export function sumOf<Item>(items: Iterable<Item>, of: (item: Item) => number): number {
  let sum = 0;
  for (const item of items) sum += of(item);
  return sum;
}

/** Negative when `a` comes first, as Array.sort wants it. */
export type Compare<Item> = (a: Item, b: Item) => number;

/** The first of several orders that tells two items apart: `by(descending((r) => r.orders), ascending((r) => r.id))`. */
export function by<Item>(...orders: readonly Compare<Item>[]): Compare<Item> {
  return (a, b) => {
    for (const order of orders) {
      const difference = order(a, b);
      if (difference !== 0) return difference;
    }
    return 0;
  };
}

/** Numbers by value, texts by their UTF-8 bytes. */
export function ascending<Item>(of: (item: Item) => number | string): Compare<Item> {
  return (a, b) => {
    const [left, right] = [of(a), of(b)];
    if (typeof left === "number" && typeof right === "number") return left - right;
    return Buffer.compare(Buffer.from(String(left)), Buffer.from(String(right)));
  };
}

/** The reverse of `ascending`. */
export function descending<Item>(of: (item: Item) => number | string): Compare<Item> {
  const compare = ascending(of);
  return (a, b) => compare(b, a);
}
