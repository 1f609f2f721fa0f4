/** Files as a source. */
import { defineSource } from "../define.ts";
import type { FilesSourceSpec } from "./options.ts";

export type { FilesSourceSpec, FilesTableSpec } from "./options.ts";

/** Files of folders or of an S3 bucket as a source. */
export const files = defineSource<FilesSourceSpec>("files", () => import("./kind.ts"));
