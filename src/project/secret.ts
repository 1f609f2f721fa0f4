import type { Secret } from "./project.ts";

/** Wraps a value so that printing it in any way gives "***"; only `reveal()` gives it back. */
export function secret(value: string): Secret {
  const wrapped = { reveal: () => value };
  const stars = () => "***";
  for (const key of ["toString", "toJSON", Symbol.for("nodejs.util.inspect.custom")])
    Object.defineProperty(wrapped, key, { value: stars, enumerable: false });
  return Object.freeze(wrapped);
}

/** True for anything that `secret()` made, also by another copy of this module. */
export function isSecret(value: unknown): value is Secret {
  return (
    typeof value === "object" && value !== null && "reveal" in value && typeof value.reveal === "function"
  );
}

/** Stands where an environment variable that is not set is asked for: that is told by itself, so nobody complains of the value. */
export const unsetValue = " ";
