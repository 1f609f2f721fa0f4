/** Publishes a staged extract: rows and position in one Delta commit. */

import type { TaskCounts } from "../../api/runs.ts";
import type { Snapshot, TableChange } from "../../lake/lake.ts";
import type { PublicationRecord } from "../../state/records.ts";
import { bronzeColumns, type PlacedExtract, type StagedExtract } from "./extract.ts";

/** Delta txn entry with a hash of the rows of a table that is copied whole: the same rows again are no new version. */
const contentPosition = "shoplake:content";

/** In the place of a hash that says nothing any more. */
const noContent = 0;

/** What a commit says of an extract. */
export type ExtractSummary = Required<Pick<PublicationRecord, "mode" | "counts" | "supersededSources">>;

/** What became of the rows, as the commit and the ops tables say it. */
export function summaryOf({ base, extract }: PlacedExtract, staged: StagedExtract): ExtractSummary {
  const { write } = extract;
  const isWhole = staged.content !== undefined || base === undefined;
  return {
    mode: isWhole ? "full" : "increment",
    counts: countsOf(extract.rejected.length, staged),
    supersededSources: write.mode === "replace_files" ? write.files : [],
  };
}

function countsOf(rejected: number, { read, fresh }: StagedExtract): TaskCounts {
  return { read: read + rejected, published: fresh, rejected, deduplicated: read - fresh };
}

/** Of an extract that brings no new row: all that was read is known. */
export function nothingNewCounts({ read }: StagedExtract): TaskCounts {
  return { read, published: 0, rejected: 0, deduplicated: read };
}

/** No row, no position, no reject, no new column; or a whole table with the rows that bronze has already: not a version. */
export function isUnchanged(
  { base, extract }: PlacedExtract,
  { files, replaced, content }: StagedExtract,
): boolean {
  if (base === undefined) return false;
  if (content !== undefined) return content !== noContent && base.positions.get(contentPosition) === content;
  if (files.rows > 0 || replaced.length > 0) return false;
  const known = new Set(base.columns.map((column) => column.name));
  const newColumn = extract.columns.some((column) => !known.has(column.name));
  return !newColumn && extract.rejected.length === 0 && Object.keys(extract.positions).length === 0;
}

/** One commit of rows, position and summary. */
export function commitExtract(
  { base, extract, lakeTable, runId, taskId }: PlacedExtract,
  staged: StagedExtract,
  summary: ExtractSummary,
): Promise<Snapshot> {
  const { content } = staged;
  const positions = { ...extract.positions, ...contentEntry(base, content) };
  return lakeTable.commit({
    base,
    positions,
    add: staged.files,
    remove: removal(extract.write.mode, staged),
    columns: bronzeColumns(extract),
    configuration: extract.properties ?? {},
    info: { operation: "WRITE", extract: extract.label, ...summary, runId },
    taskId,
  });
}

/** Rows that are added to a table that was copied whole make it another table. */
function contentEntry(
  base: Snapshot | undefined,
  content: number | undefined,
): Readonly<Record<string, number>> {
  if (content !== undefined) return { [contentPosition]: content };
  return base?.positions.has(contentPosition) === true ? { [contentPosition]: noContent } : {};
}

function removal(
  mode: PlacedExtract["extract"]["write"]["mode"],
  { replaced }: StagedExtract,
): TableChange["remove"] {
  if (mode === "overwrite") return "all";
  return replaced.length === 0 ? "none" : { files: replaced };
}
