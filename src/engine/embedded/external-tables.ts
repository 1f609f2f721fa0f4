/** Tables sent along with a statement: temporary tables that live as long as it. */
import { randomUUID } from "node:crypto";
import { unlink } from "node:fs/promises";
import { join } from "node:path";
import { writePrivateFile } from "../../util/private-files.ts";
import { ident, text } from "../sql.ts";
import type { Cleanup } from "./cleanup.ts";
import type { DatabaseSession } from "./database.ts";
import { DatabaseError } from "./errors.ts";
import type { Part } from "./multipart.ts";

/** Prefixes of parameters that describe tables, not settings: `<table>_format`, `_structure`, `_types`. */
export function tablePrefixes(tables: readonly Part[]): readonly string[] {
  return tables.map(({ name }) => `${name}_`);
}

/** Where the tables are made. */
export interface TableHome {
  /** Session of the statement. */
  readonly session: DatabaseSession;
  /** Parameters of the request; they describe the tables. */
  readonly params: URLSearchParams;
  /** Folder for the rows until they are read. */
  readonly spoolDir: string;
  /** Drops tables and files when the statement has ended. */
  readonly cleanup: Cleanup;
}

/** Makes the tables in the statement's session; `cleanup` drops them. */
export async function createTables(tables: readonly Part[], home: TableHome): Promise<void> {
  for (const { name, data } of tables) {
    const format = home.params.get(`${name}_format`) ?? "TabSeparated";
    if (!/^\w+$/.test(format)) throw new DatabaseError(73, `Unknown format ${format}`, "UNKNOWN_FORMAT");
    const file = join(home.spoolDir, randomUUID());
    await writePrivateFile(file, data, "wx");
    home.cleanup.defer(() => unlink(file));
    const { session } = home;
    await session.run(`CREATE TEMPORARY TABLE ${ident(name)} (${structureOf(name, home.params)})`, "TSV");
    home.cleanup.defer(() => session.run(`DROP TEMPORARY TABLE IF EXISTS ${ident(name)}`, "TSV"));
    const source = `FROM INFILE ${text(file)} COMPRESSION 'none' FORMAT ${format}`;
    await session.run(`INSERT INTO ${ident(name)} ${source}`, "TSV");
  }
}

function structureOf(name: string, params: URLSearchParams): string {
  const structure = params.get(`${name}_structure`);
  if (structure) return structure;
  const types = params.get(`${name}_types`);
  if (!types)
    throw new DatabaseError(36, `Neither ${name}_structure nor ${name}_types is given`, "BAD_ARGUMENTS");
  return types
    .split(",")
    .map((type, i) => `_${i + 1} ${type}`)
    .join(", ");
}
