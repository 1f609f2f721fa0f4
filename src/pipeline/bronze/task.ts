/** The life of a bronze task: asks the source for what bronze does not hold yet and publishes extract by extract. */
import { join } from "node:path";
import { lineageOf } from "../../analysis/lineage.ts";
import type { TaskCounts } from "../../api/runs.ts";
import type { Column } from "../../engine/engine.ts";
import type { BronzeState, Extract, Source, SourceContext, SourceTable } from "../../sources/source.ts";
import { makePrivateFolder } from "../../util/private-files.ts";
import type { TaskContext } from "../context.ts";
import { progress, warn } from "../events.ts";
import { addCounts } from "../journal.ts";
import type { TaskOutcome } from "../outcome.ts";
import { runSteps, type TaskSteps } from "../steps.ts";
import { noCounts } from "../types.ts";
import { type WrittenExtract, writeExtract } from "./writer.ts";

/** The table that a task reads. */
export interface BronzeWork {
  /** Where the rows come from. */
  readonly source: Source;
  /** As the source describes it. */
  readonly table: SourceTable;
  /** Name of the source in the configuration. */
  readonly sourceName: string;
}

/** Publishes everything that the source has and bronze has not; each extract goes through all steps. */
export async function runBronzeTask(task: TaskContext, work: BronzeWork): Promise<TaskOutcome> {
  await makePrivateFolder(task.spool);
  const { source, table } = work;
  const extracts = source.read(table, await bronzeState(task), sourceContext(task))[Symbol.asyncIterator]();
  let counts = noCounts;
  try {
    for (let part = 0; ; part++) {
      const outcome = await runSteps(
        task,
        extractSteps(task, work, { extracts, taskId: `${task.taskId}-${part}` }),
      );
      if (outcome.action === "none") return await wholeOutcome(task, work, { counts, parts: part });
      counts = addCounts(counts, outcome.counts);
      progress(task, counts.published);
    }
  } finally {
    await extracts.return?.();
  }
}

/** What is known after the last extract. */
async function wholeOutcome(
  { host, dataset }: TaskContext,
  { sourceName, table }: BronzeWork,
  { counts, parts }: { readonly counts: TaskCounts; readonly parts: number },
): Promise<TaskOutcome> {
  const snapshot = await host.lake.table(dataset).snapshot();
  const published = snapshot === undefined ? {} : { version: snapshot.version, versionId: snapshot.id };
  if (parts === 0) return { action: "none", reason: nothingNew, counts, checks: [], ...published };
  const reason = `${counts.read.toLocaleString("en")} rows from ${sourceName}.${table.name}`;
  return { action: "extract", reason, counts, checks: [], ...published };
}

const nothingNew = "the source has nothing new";

interface NextExtract {
  readonly extracts: AsyncIterator<Extract>;
  /** Id of the extract's commit. */
  readonly taskId: string;
}

/** An extract and its rows, written aside. */
interface ReceivedExtract {
  readonly extract: Extract;
  readonly written: WrittenExtract;
}

/** The steps of the next extract; without one, the task ends with the action `none`. */
function extractSteps(
  task: TaskContext,
  { sourceName, table }: BronzeWork,
  { extracts, taskId }: NextExtract,
): TaskSteps<Extract, ReceivedExtract> {
  const outcomeOf = ({ written: { counts } }: ReceivedExtract): TaskOutcome => ({
    action: "extract",
    reason: `${sourceName}.${table.name}`,
    counts,
    checks: [],
  });
  return {
    async plan() {
      const next = await extracts.next();
      if (next.done !== true) return { go: next.value };
      return { end: { action: "none", reason: nothingNew, counts: noCounts, checks: [] } };
    },
    async stage(extract) {
      try {
        return { extract, written: await writeExtract({ ...task, sourceName }, extract, taskId) };
      } catch (error) {
        await extract.dispose();
        throw error;
      }
    },
    async audit(received) {
      if (!received.written.unchanged) return { go: [] };
      await received.extract.nothingNew?.();
      return { end: outcomeOf(received) };
    },
    publish: async (received) => ({
      ...outcomeOf(received),
      bytes: received.written.bytes,
      ...(await received.written.publish()),
    }),
    record: ({ written }, published) => written.record(published),
    async discard({ extract, written }) {
      await written.discard().finally(() => extract.dispose());
    },
  };
}

async function bronzeState(task: TaskContext): Promise<BronzeState> {
  const lakeTable = task.host.lake.table(task.dataset);
  const snapshot = await lakeTable.snapshot();
  if (snapshot === undefined) return { positions: new Map(), columns: undefined, from: undefined };
  const { positions, columns, configuration } = snapshot;
  return {
    positions,
    columns,
    properties: configuration,
    from: lakeTable.read(snapshot),
    again: task.again ?? [],
    reload: task.reload === true,
    modelsThatRead: (column) => modelsThatRead(task, columns, column),
  };
}

/** Models that read a column of the task's dataset. One whose other inputs have never arrived reads nothing yet. */
async function modelsThatRead(
  { dataset, host, catalogue }: TaskContext,
  columns: readonly Column[],
  column: string,
): Promise<string[]> {
  const columnsOf = (name: string): readonly Column[] =>
    name === dataset ? columns : (catalogue.datasets.get(name)?.columns ?? []);
  const found: string[] = [];
  for (const model of catalogue.project.models.filter(({ dependencies }) => dependencies.includes(dataset))) {
    const inputs: Record<string, readonly Column[]> = {};
    for (const name of model.dependencies) inputs[name] = columnsOf(name);
    if (Object.values(inputs).some(({ length }) => length === 0)) continue;
    const lineage = await lineageOf(host.engine, model, inputs, join(host.stateDir, "cache"));
    const read = [...lineage.rows, ...Object.values(lineage.columns).flat()];
    if (read.includes(`${dataset}.${column}`)) found.push(model.dataset);
  }
  return found;
}

function sourceContext(task: TaskContext): SourceContext {
  return {
    engine: task.host.engine,
    spool: task.spool,
    projectDir: task.host.dir,
    cacheDir: join(task.host.stateDir, "cache"),
    signal: task.signal,
    warn: (message) => warn(task, message),
  };
}
