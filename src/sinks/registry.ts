/** Kinds of sinks: one line each, the name of the folder. A test compares it with the folders. */
export * from "./files/define.ts";
export * from "./postgres/define.ts";
