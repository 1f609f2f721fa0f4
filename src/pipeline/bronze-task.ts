/** The life of a bronze task: asks the source for what bronze does not hold yet and publishes extract by extract. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { LakeTable } from "../lake/lake.ts";
import type { BronzeState, Source, SourceContext, SourceTable } from "../sources/source.ts";
import type { TaskCounts } from "../telemetry/events.ts";
import type { TaskContext } from "./context.ts";
import { enter, progress, warn } from "./events.ts";
import type { Taking } from "./extract.ts";
import { publishExtract } from "./extract-publish.ts";
import { stageExtract } from "./extract-stage.ts";
import type { TaskOutcome } from "./outcome.ts";
import { noCounts } from "./types.ts";

export interface BronzeWork {
  readonly source: Source;
  readonly table: SourceTable;
  readonly sourceName: string;
}

export async function runBronzeTask(
  task: TaskContext,
  { source, table, sourceName }: BronzeWork,
): Promise<TaskOutcome> {
  const lakeTable = task.workspace.lake.table(task.dataset);
  enter(task, "plan");
  await mkdir(task.spool, { recursive: true });
  let counts = noCounts;
  let part = 0;
  for await (const extract of source.read(
    table,
    await bronzeState(lakeTable, task.again),
    sourceContext(task),
  )) {
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
    return await publishExtract(taking, base, await stageExtract(taking, base));
  } finally {
    await taking.extract.dispose();
  }
}

async function bronzeState(lakeTable: LakeTable, again: readonly string[] = []): Promise<BronzeState> {
  const snapshot = await lakeTable.snapshot();
  if (snapshot === undefined) return { positions: new Map(), columns: undefined, from: undefined };
  return { positions: snapshot.positions, columns: snapshot.columns, from: lakeTable.read(snapshot), again };
}

function sourceContext(task: TaskContext): SourceContext {
  return {
    engine: task.workspace.engine,
    spool: task.spool,
    projectDir: task.workspace.project.dir,
    cacheDir: join(task.workspace.project.stateDir, "cache"),
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
