/** The names under which people and tools read lake datasets: views `bronze.x` and `silver.x`, each over one whole version. */
import { ident, table, text } from "../../engine/sql.ts";
import type { Host } from "../context.ts";

/** Lets the view read the newest version. A reader in the middle of a query keeps the version it began with. */
export async function publishDatasetView(
  host: Pick<Host, "engine" | "lake">,
  dataset: string,
): Promise<void> {
  const lakeTable = host.lake.table(dataset);
  const snapshot = await lakeTable.snapshot();
  if (snapshot === undefined) return;
  await host.engine.command(
    `CREATE OR REPLACE VIEW ${table(dataset)} AS SELECT * FROM ${lakeTable.read(snapshot)} COMMENT ${text(`version ${snapshot.version}`)}`,
  );
}

/** Brings all views up to date: after a crash between commit and view, after another node published, on a fresh engine. */
export async function syncViews(
  host: Pick<Host, "engine" | "lake">,
  datasets: readonly string[],
): Promise<void> {
  for (const layer of ["bronze", "silver"])
    await host.engine.command(`CREATE DATABASE IF NOT EXISTS ${ident(layer)}`);
  const rows = await host.engine.rows<{ dataset: string; comment: string }>(
    "SELECT concat(database, '.', name) AS dataset, comment FROM system.tables WHERE database IN ('bronze', 'silver')",
  );
  const shown = new Map(rows.map((row) => [row.dataset, row.comment]));
  for (const dataset of datasets) {
    const snapshot = await host.lake.table(dataset).snapshot();
    if (snapshot && shown.get(dataset) !== `version ${snapshot.version}`)
      await publishDatasetView(host, dataset);
  }
}
