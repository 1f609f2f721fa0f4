/** All check types by name. */
import type { AnyCheckType } from "./check-type.ts";
import * as registry from "./checks/registry.ts";

const all: readonly AnyCheckType[] = Object.values(registry);

/** By the name a header uses: "not_null". */
export const checkRegistry: ReadonlyMap<string, AnyCheckType> = new Map(
  all.map((check) => [check.type, check]),
);
