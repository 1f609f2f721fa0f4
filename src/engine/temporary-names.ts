/**
 * Databases and tables that a process makes for a while. Their names carry its owner id, so that a sweep finds those of an
 * owner that is gone. They hold no rows that anybody needs: databases are of the engine Memory.
 *
 *   run_<owner>_<id>_<layer>[_<n>]     views that hold the inputs of a run
 *   _scratch_<owner>_<id>_<layer>      empty tables while SQL is analysed
 *   shoplake_spool.copy_<owner>_<id>   rows of a source on their way into a server
 */
import type { Engine } from "./engine.ts";
import { ident, table } from "./sql.ts";

/** Database of tables that hold rows of a source on their way into a ClickHouse server. */
export const SPOOL_DATABASE = "shoplake_spool";

/** Prefix of the databases of one run's pins. `id`: [a-z0-9]+. */
export function pinPrefix({ owner }: Pick<Engine, "owner">, id: string): string {
  return `run_${owner}_${id}_`;
}

/** Prefix of the databases of one piece of analysis. `id`: [a-z0-9]+. */
export function scratchPrefix({ owner }: Pick<Engine, "owner">, id: string): string {
  return `_scratch_${owner}_${id}_`;
}

/** Two-part name of a table in the spool database, not quoted. `id`: [a-z0-9]+. */
export function spoolTable({ owner }: Pick<Engine, "owner">, id: string): string {
  return `${SPOOL_DATABASE}.copy_${owner}_${id}`;
}

/** Something temporary in the engine. */
export interface Temporary {
  /** "database": all of it goes. "table": a table in the spool database. */
  readonly kind: "database" | "table";
  /** Of a table two parts, not quoted. */
  readonly name: string;
  /** Owner id in the name. Names of earlier versions have none, and give a process id or something that nobody is. */
  readonly owner: string;
}

/** Databases and spool tables in the engine whose names say that they are temporary, of whatever owner. */
export async function listTemporary(engine: Pick<Engine, "rows">): Promise<readonly Temporary[]> {
  return engine.rows<Temporary>(
    `SELECT 'database' AS kind, name, extract(name, '^(?:run|_scratch)_([a-z0-9]+)') AS owner FROM system.databases
WHERE engine = 'Memory' AND match(name, '^(run_[a-z0-9]+_[a-z0-9]+|_scratch_[a-z0-9]+(_[a-z0-9]+)?)_[a-z]+(_[0-9]+)?$')
UNION ALL
SELECT 'table', concat(database, '.', name), extract(name, '^copy_([a-z0-9]+)') FROM system.tables
WHERE database = '${SPOOL_DATABASE}' AND startsWith(name, 'copy_')`,
  );
}

/** Drops it; one that is gone already is no error. */
export async function dropTemporary(
  engine: Pick<Engine, "command">,
  { kind, name }: Pick<Temporary, "kind" | "name">,
): Promise<void> {
  await engine.command(
    kind === "database"
      ? `DROP DATABASE IF EXISTS ${ident(name)} SYNC`
      : `DROP TABLE IF EXISTS ${table(name)} SYNC`,
  );
}
