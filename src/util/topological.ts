/** Things in the order of their dependencies, and the cycles among them. */

/** Names in an order that can be worked through. */
export interface Ordered {
  /** Inputs first; those on a cycle are left out. */
  readonly order: readonly string[];
  /** Each as a path that ends where it begins: ["silver.a", "silver.b", "silver.a"]. */
  readonly cycles: readonly (readonly string[])[];
}

/** `inputs` tells for each name what comes before it; names that are no key have no inputs themselves. */
export function dependencyOrder(inputs: ReadonlyMap<string, readonly string[]>): Ordered {
  const order: string[] = [];
  const cycles: string[][] = [];
  const state = new Map<string, "open" | "done" | "bad">();
  const visit = (name: string, path: readonly string[]): boolean => {
    const known = state.get(name);
    if (known === "open") {
      cycles.push([...path.slice(path.indexOf(name)), name]);
      return false;
    }
    if (known !== undefined) return known === "done";
    state.set(name, "open");
    const good = (inputs.get(name) ?? [])
      .filter((input) => inputs.has(input))
      .map((input) => visit(input, [...path, name]));
    const done = good.every(Boolean);
    state.set(name, done ? "done" : "bad");
    if (done) order.push(name);
    return done;
  };
  for (const name of inputs.keys()) visit(name, []);
  return { order, cycles };
}
