/** All check types. A test compares this list with the files of this folder and with the names a header may use. */
import type { AnyCheckType } from "../check-type.ts";
import { acceptedRange } from "./accepted-range.ts";
import { acceptedValues } from "./accepted-values.ts";
import { freshness } from "./freshness.ts";
import { notNull } from "./not-null.ts";
import { reconciliation } from "./reconciliation.ts";
import { regex } from "./regex.ts";
import { rejected } from "./rejected.ts";
import { relationships } from "./relationships.ts";
import { rowCount } from "./row-count.ts";
import { sql } from "./sql.ts";
import { type } from "./type.ts";
import { unique } from "./unique.ts";
import { volume } from "./volume.ts";

const all: readonly AnyCheckType[] = [
  acceptedRange,
  acceptedValues,
  freshness,
  notNull,
  reconciliation,
  regex,
  rejected,
  relationships,
  rowCount,
  sql,
  type,
  unique,
  volume,
];

/** By the name a header uses. */
export const checkRegistry: ReadonlyMap<string, AnyCheckType> = new Map(
  all.map((check) => [check.type, check]),
);
