/** Files as a sink. */
import { defineSink } from "../define.ts";
import type { FilesSinkSpec } from "./options.ts";

export type { FilesSinkSpec } from "./options.ts";

/** Files of a folder as a sink. */
export const files = defineSink<FilesSinkSpec>("files", () => import("./kind.ts"));
