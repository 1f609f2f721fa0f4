/** Finds what a person named. */
import { ShoplakeError } from "./errors.ts";
import { nearest } from "./nearest.ts";

/** The thing of that name. Throws `usage` with the nearest known name. */
export function named<T>(kind: string, given: string, known: ReadonlyMap<string, T>): T {
  const found = known.get(given);
  if (found !== undefined) return found;
  const close = nearest(given, known.keys());
  throw new ShoplakeError("usage", `there is no ${kind} "${given}"`, {
    allowed: some([...known.keys()]),
    ...(close === undefined ? {} : { hint: `did you mean ${close}?` }),
  });
}

const listed = 20;

function some(names: readonly string[]): string {
  if (names.length === 0) return "none: this project has none";
  const rest = names.length - listed;
  return rest > 0 ? `${names.slice(0, listed).join(", ")} and ${rest} more` : names.join(", ");
}
