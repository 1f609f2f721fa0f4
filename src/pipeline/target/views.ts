/** The names under which people and tools read lake datasets: views `bronze.x` and `silver.x`, each over one whole version. */
import { createHash } from "node:crypto";
import { ident, table, text } from "../../engine/sql.ts";
import type { Host } from "../context.ts";

/** Lets the view read the newest version. A reader in the middle of a query keeps the version it began with. */
export async function publishDatasetView(
  host: Pick<Host, "engine" | "lake">,
  dataset: string,
): Promise<void> {
  const newest = await newestVersion(host, dataset);
  if (newest !== undefined) await createView(host, dataset, newest);
}

/**
 * Brings all views up to date: after a crash between commit and view, after another node published, on a fresh engine, in a
 * project folder that was moved or whose lake was restored.
 */
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
    const newest = await newestVersion(host, dataset);
    if (newest !== undefined && shown.get(dataset) !== newest.comment)
      await createView(host, dataset, newest);
  }
}

interface ViewedVersion {
  /** Table expression of its rows. */
  readonly from: string;
  /** Names the version for people, and its files and their place for `syncViews`. */
  readonly comment: string;
}

async function newestVersion(
  { lake }: Pick<Host, "lake">,
  dataset: string,
): Promise<ViewedVersion | undefined> {
  const lakeTable = lake.table(dataset);
  const snapshot = await lakeTable.snapshot();
  if (snapshot === undefined) return undefined;
  const from = lakeTable.read(snapshot);
  const files = createHash("sha256").update(from).digest("hex").slice(0, 16);
  return { from, comment: `version ${snapshot.version}, files ${files}` };
}

async function createView(
  { engine }: Pick<Host, "engine">,
  dataset: string,
  { from, comment }: ViewedVersion,
): Promise<void> {
  await engine.command(
    `CREATE OR REPLACE VIEW ${table(dataset)} AS SELECT * FROM ${from} COMMENT ${text(comment)}`,
  );
}
