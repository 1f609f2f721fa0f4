/** The life of a bronze task: asks the source for what bronze does not hold yet and publishes extract by extract. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { lineageOf } from "../../analysis/lineage.ts";
import type { Column } from "../../engine/engine.ts";
import type { LakeTable } from "../../lake/lake.ts";
import type { BronzeState, Source, SourceContext, SourceTable } from "../../sources/source.ts";
import type { TaskCounts } from "../../telemetry/events.ts";
import type { TaskContext } from "../context.ts";
import { enter, progress, warn } from "../events.ts";
import type { TaskOutcome } from "../outcome.ts";
import { noCounts } from "../types.ts";
import type { Taking } from "./extract.ts";
import { publishExtract } from "./publish.ts";
import { stageExtract } from "./stage.ts";

export interface BronzeWork {
  readonly source: Source;
  readonly table: SourceTable;
  readonly sourceName: string;
}

export async function runBronzeTask(
  task: TaskContext,
  { source, table, sourceName }: BronzeWork,
): Promise<TaskOutcome> {
  const lakeTable = task.host.lake.table(task.dataset);
  enter(task, "plan");
  await mkdir(task.spool, { recursive: true });
  let counts = noCounts;
  let part = 0;
  for await (const extract of source.read(table, await bronzeState(task, lakeTable), sourceContext(task))) {
    counts = add(
      counts,
      await takeExtract({ task, lakeTable, extract, sourceName, taskId: `${task.taskId}-${part++}` }),
    );
    progress(task, counts.published);
  }
  const version = (await lakeTable.snapshot())?.version;
  return {
    action: part === 0 ? "none" : "extract",
    reason:
      part === 0
        ? "the source has nothing new"
        : `${counts.read.toLocaleString("en")} rows from ${sourceName}.${table.name}`,
    counts,
    checks: [],
    ...(version === undefined ? {} : { version }),
  };
}

async function takeExtract(taking: Taking): Promise<TaskCounts> {
  try {
    const base = await taking.lakeTable.snapshot();
    enter(taking.task, "stage");
    const counts = await publishExtract(taking, base, await stageExtract(taking, base));
    if ((await taking.lakeTable.snapshot())?.version === base?.version) await taking.extract.nothingNew?.();
    return counts;
  } finally {
    await taking.extract.dispose();
  }
}

async function bronzeState(task: TaskContext, lakeTable: LakeTable): Promise<BronzeState> {
  const snapshot = await lakeTable.snapshot();
  if (snapshot === undefined) return { positions: new Map(), columns: undefined, from: undefined };
  const { positions, columns } = snapshot;
  return {
    positions,
    columns,
    from: lakeTable.read(snapshot),
    again: task.again ?? [],
    readersOf: (column) => readersOf(task, columns, column),
  };
}

/** Models that read a column of the task's dataset. One whose other inputs have never arrived reads nothing yet. */
async function readersOf(
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

function add(a: TaskCounts, b: TaskCounts): TaskCounts {
  return {
    read: a.read + b.read,
    published: a.published + b.published,
    rejected: a.rejected + b.rejected,
    deduplicated: a.deduplicated + b.deduplicated,
  };
}
