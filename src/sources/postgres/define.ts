/** PostgreSQL tables as a source. */
import { defineSource } from "../define.ts";
import type { PostgresSourceSpec } from "./options.ts";

export type { PostgresSourceSpec, PostgresTableSpec } from "./options.ts";

/** A PostgreSQL database as a source. */
export const postgres = defineSource<PostgresSourceSpec>("postgres", () => import("./kind.ts"));
