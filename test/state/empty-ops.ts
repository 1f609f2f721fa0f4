/** Takes everything out of the `ops` database. The database itself stays: nobody may drop what the platform keeps its records in. */
import type { Engine } from "../../src/engine/engine.ts";
import { table } from "../../src/engine/sql.ts";

export async function emptyOps(engine: Engine): Promise<void> {
  const found = await engine.rows<{ name: string; engine: string }>(
    "SELECT name, engine FROM system.tables WHERE database = 'ops' ORDER BY engine = 'View' DESC",
  );
  for (const { name, engine: kind } of found)
    await engine.command(`DROP ${kind === "View" ? "VIEW" : "TABLE"} ${table(`ops.${name}`)} SYNC`);
}
