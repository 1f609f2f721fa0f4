/** Publishes a staged extract: rows and position in one Delta commit. */
import { ident } from "../../engine/sql.ts";
import type { Snapshot, TableChange } from "../../lake/lake.ts";
import { readStaged } from "../../lake/read-staged.ts";
import { stageRejectedInputs } from "../../quality/quarantine.ts";
import type { TaskCounts } from "../../telemetry/events.ts";
import { enter } from "../events.ts";
import { recordPublication } from "../record.ts";
import { publishDatasetView } from "../target/views.ts";
import { bronzeColumns, type StagedExtract, type Taking } from "./extract.ts";
import { contentHash } from "./stage.ts";

/** Delta txn entry with a hash of the rows of a table that is copied whole: the same rows again are no new version. */
const contentPosition = "shoplake:content";

export async function publishExtract(
  taking: Taking,
  base: Snapshot | undefined,
  staged: StagedExtract,
): Promise<TaskCounts> {
  const { task, extract, lakeTable, taskId } = taking;
  if (bringsNothing(taking, base, staged)) return countsOf(taking, staged);
  const content = extract.write.mode === "overwrite" ? await contentOf(taking, staged) : undefined;
  if (content !== undefined && base?.positions.get(contentPosition) === content) {
    await lakeTable.discard(staged.files);
    return { read: staged.read, published: 0, rejected: 0, deduplicated: staged.read };
  }
  if (extract.rejected.length > 0) {
    await stageRejectedInputs(task.host.engine, {
      dataset: task.dataset,
      runId: task.runId,
      taskId,
      rejected: extract.rejected,
      at: task.host.clock(),
    });
  }
  enter(task, "publish");
  const summary = {
    mode: content === undefined ? "increment" : "full",
    counts: countsOf(taking, staged),
    supersededSources: superseded(taking),
  } as const;
  const positions = {
    ...extract.positions,
    ...(content === undefined ? {} : { [contentPosition]: content }),
  };
  const { version } = await commit(taking, {
    base,
    staged,
    positions,
    info: { operation: "WRITE", extract: extract.label, ...summary },
  });
  enter(task, "record");
  await recordPublication({ ...task, taskId }, { version, inputs: {}, ...summary });
  await publishDatasetView(task.host, task.dataset);
  return summary.counts;
}

interface Commit extends Pick<TableChange, "base" | "info"> {
  readonly staged: StagedExtract;
  readonly positions: Readonly<Record<string, number>>;
}

/** Staged files go when the lease is lost or the commit fails; a commit that happened is never touched again. */
async function commit(taking: Taking, { staged, info, ...change }: Commit): Promise<Snapshot> {
  const { task, extract, lakeTable, taskId } = taking;
  try {
    await task.fence();
    return await lakeTable.commit({
      ...change,
      add: staged.files,
      remove: removal(taking, staged),
      columns: bronzeColumns(extract),
      info: { ...info, runId: task.runId },
      taskId,
    });
  } catch (error) {
    await lakeTable.discard(staged.files).catch(() => undefined);
    throw error;
  }
}

function superseded({ extract }: Taking): readonly string[] {
  return extract.write.mode === "replace_files" ? extract.write.files : [];
}

/** No row, no position, no reject, no new column: not a version. */
function bringsNothing(
  { extract }: Taking,
  base: Snapshot | undefined,
  { files, replaced }: StagedExtract,
): boolean {
  if (base === undefined || files.rows > 0 || replaced.length > 0 || extract.write.mode === "overwrite")
    return false;
  const known = new Set(base.columns.map((column) => column.name));
  const newColumn = extract.columns.some((column) => !known.has(column.name));
  return !newColumn && extract.rejected.length === 0 && Object.keys(extract.positions).length === 0;
}

function countsOf({ extract }: Taking, { read, fresh }: StagedExtract): TaskCounts {
  const rejected = extract.rejected.length;
  return { read: read + rejected, published: fresh, rejected, deduplicated: read - fresh };
}

function removal({ extract }: Taking, { replaced }: StagedExtract): TableChange["remove"] {
  if (extract.write.mode === "overwrite") return "all";
  return replaced.length === 0 ? "none" : { files: replaced };
}

/** One number for all rows of a table, whatever their order; 52 bits. */
async function contentOf({ task, extract }: Taking, { files }: StagedExtract): Promise<number> {
  const hash = contentHash(extract.columns.map((column) => ident(column.name)));
  const [row] = await task.host.engine.rows<{ content: string }>(
    `SELECT bitShiftRight(sipHash64(count(), sum(h), groupBitXor(h)), 12) AS content
     FROM (SELECT sipHash64(${hash}) AS h FROM ${readStaged(task.host.lake.store, files)})`,
  );
  return Number(row?.content ?? 0);
}
