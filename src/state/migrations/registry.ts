/** All migrations in order. Version 1 is the state of shoplake 0.1.0, so the first step has the number 2. */
import { months } from "./0002-months.ts";
import type { Migration } from "./migration.ts";

/** By number, without gaps. */
export const migrations: readonly Migration[] = [months];
