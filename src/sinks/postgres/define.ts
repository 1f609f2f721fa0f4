/** PostgreSQL tables as a sink. */
import { defineSink } from "../define.ts";
import type { PostgresSinkSpec } from "./options.ts";

export type { PostgresSinkSpec } from "./options.ts";

/** A PostgreSQL database as a sink. */
export const postgres = defineSink<PostgresSinkSpec>("postgres", () => import("./kind.ts"));
