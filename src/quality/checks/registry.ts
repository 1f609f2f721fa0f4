/** Check types: one line each, the name of the file. A test compares it with the files of this folder. */
export * from "./accepted-range.ts";
export * from "./accepted-values.ts";
export * from "./freshness.ts";
export * from "./not-null.ts";
export * from "./reconciliation.ts";
export * from "./regex.ts";
export * from "./rejected.ts";
export * from "./relationships.ts";
export * from "./row-count.ts";
export * from "./sql.ts";
export * from "./type.ts";
export * from "./unique.ts";
export * from "./volume.ts";
