/**
 * Writes extracts into a bronze table: a task of a run uses it, and so can whatever else receives rows. An extract is written
 * aside first, then published with its position in one commit.
 */

import type { TaskCounts } from "../../api/runs.ts";
import { stageRejectedInputs } from "../../quality/quarantine.ts";
import type { Extract } from "../../sources/source.ts";
import type { PublishedVersion } from "../outcome.ts";
import { recordPublication } from "../record.ts";
import { publishDatasetView } from "../target/views.ts";
import type { BronzePlace, PlacedExtract, StagedExtract } from "./extract.ts";
import { commitExtract, isUnchanged, nothingNewCounts, summaryOf } from "./publish.ts";
import { stageExtract } from "./stage.ts";

/** An extract that was written aside. */
export interface WrittenExtract {
  /** What became of the rows that the source gave. */
  readonly counts: TaskCounts;
  /** Of its data files. */
  readonly bytes: number;
  /** It brings nothing that bronze does not hold already: there is nothing to publish. */
  readonly unchanged: boolean;
  /** Publishes rows and position in one commit; gives the version. */
  publish(): Promise<PublishedVersion>;
  /** Records the version, and makes it readable under its own name. */
  record(version: PublishedVersion): Promise<void>;
  /** Removes the files when they were not published. */
  discard(): Promise<void>;
}

/** Writes an extract aside, its rejects too. When it throws, no file of it is left. `taskId` names the commit to come. */
export async function writeExtract(
  place: BronzePlace,
  extract: Extract,
  taskId: string,
): Promise<WrittenExtract> {
  const lakeTable = place.host.lake.table(place.dataset);
  const placed: PlacedExtract = { ...place, lakeTable, extract, taskId, base: await lakeTable.snapshot() };
  const staged = await stageExtract(placed);
  const unchanged = isUnchanged(placed, staged);
  if (!unchanged) await stageRejected(placed, staged);
  return writtenExtract(placed, staged, unchanged);
}

function writtenExtract(placed: PlacedExtract, staged: StagedExtract, unchanged: boolean): WrittenExtract {
  const { lakeTable, host, dataset } = placed;
  const summary = summaryOf(placed, staged);
  let published = false;
  return {
    counts: unchanged ? nothingNewCounts(staged) : summary.counts,
    bytes: staged.files.files.reduce((sum, { size }) => sum + size, 0),
    unchanged,
    async publish() {
      const { version, id } = await commitExtract(placed, staged, summary);
      published = true;
      return { version, versionId: id };
    },
    async record({ version, versionId }) {
      await recordPublication(placed, { version, versionId, inputs: {}, ...summary });
      await publishDatasetView(host, dataset);
    },
    async discard() {
      if (!published) await lakeTable.discard(staged.files);
    },
  };
}

async function stageRejected(placed: PlacedExtract, { files }: StagedExtract): Promise<void> {
  const { host, dataset, runId, taskId, extract, lakeTable } = placed;
  const rejects = { dataset, runId, taskId, rejected: extract.rejected, at: host.clock() };
  await stageRejectedInputs(host.engine, rejects).catch(async (error: unknown) => {
    await lakeTable.discard(files).catch(() => undefined);
    throw error;
  });
}
