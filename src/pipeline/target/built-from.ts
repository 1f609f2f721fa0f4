/** How a published version remembers what it was built from, and whether an input is still that. */
import { hash52 } from "../../util/hash52.ts";

/** A version of an input as a published version remembers it. */
export interface BuiltFrom {
  /** For people, and what decides where there is no `mark`. */
  readonly version: number;
  /** `markOf` the version's id. undefined: recorded by release 0.1.0, which kept numbers only. */
  readonly mark: number | undefined;
}

/** The part of an id that a Delta `txn` entry can hold. */
export function markOf(id: string): number {
  return hash52(id);
}

/** What is remembered of a version. */
export function builtFrom({ version, id }: { readonly version: number; readonly id: string }): BuiltFrom {
  return { version, mark: markOf(id) };
}

/** True when a version is the remembered one. Where only a number is remembered, the number decides. */
export function isSameVersion(
  built: BuiltFrom | undefined,
  { version, id }: { readonly version: number; readonly id: string },
): boolean {
  return built?.mark === undefined ? built?.version === version : built.mark === markOf(id);
}
