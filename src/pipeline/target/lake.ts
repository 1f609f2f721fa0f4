/** Publishing a model into a lake table: one Delta commit holds the rows and, as txn entries, the versions they came from. */
import type { DataFile, LakeTable, Snapshot, TableChange } from "../../lake/lake.ts";
import { readStaged } from "../../lake/read-staged.ts";
import type { Model } from "../../project/project.ts";
import type { Host, TaskContext } from "../context.ts";
import { holds } from "../plan/narrow-input.ts";
import type { BuiltFrom } from "./built-from.ts";
import type { PublishedState, Replaces, Staged, StageRequest, Target, VersionRecord } from "./target.ts";

const modelPosition = "shoplake:model";
const inputPosition = "shoplake:input:";
/** Beside each input's number: 52 bits of its version's id. */
const markPosition = "shoplake:input_mark:";
/** Delta cannot forget an entry; readers of a lake treat this as none. */
const noPosition = -1;

interface Place {
  readonly task: TaskContext;
  readonly model: Model;
  readonly lakeTable: LakeTable;
}

/** The published version of a lake dataset; undefined: none yet. */
export async function lakeState({ lake }: Host, dataset: string): Promise<PublishedState | undefined> {
  const lakeTable = lake.table(dataset);
  const snapshot = await lakeTable.snapshot();
  return snapshot && { ...recordOf(snapshot), from: lakeTable.read(snapshot) };
}

/** Nothing is read before the first call. */
export function lakeTarget(task: TaskContext, model: Model): Target {
  const lakeTable = task.host.lake.table(model.dataset);
  const place = { task, model, lakeTable };
  return {
    async published(partitions) {
      const snapshot = await lakeTable.snapshot();
      if (snapshot === undefined) throw new Error(`unreachable: ${model.dataset} is not published`);
      const files = snapshot.files.filter(holds(partitions));
      return { from: lakeTable.read(snapshot, { files }), rows: knownRows(files) };
    },
    stage: (request) => stage(place, request),
    async acknowledge(record) {
      await commit(
        place,
        {
          base: await lakeTable.snapshot(),
          add: undefined,
          remove: "none",
          info: { operation: "ACKNOWLEDGE" },
        },
        record,
      );
    },
  };
}

async function stage(place: Place, request: StageRequest): Promise<Staged> {
  const { lakeTable, model, task } = place;
  const base = await lakeTable.snapshot();
  const files = await lakeTable.stage({
    select: request.select,
    columns: request.columns,
    partitionBy: model.partitionBy,
    taskId: task.taskId,
    ...request.options,
  });
  const { replaces } = request;
  const { store } = task.host.lake;
  const kept = keptFiles(base, replaces);
  let published = false;
  return {
    written: files.rows,
    bytes: files.files.reduce((sum, { size }) => sum + size, 0),
    total: files.rows + rowsOf(kept),
    fresh: readStaged(store, files),
    future: readStaged(store, files, base === undefined ? undefined : { base, files: kept }),
    async publish(counts) {
      const operation =
        replaces === "all" ? "OVERWRITE" : replaces === "none" ? "APPEND" : "REPLACE PARTITIONS";
      const info = { operation, mode: request.mode, counts };
      const write = { base, add: files, remove: removal(replaces), columns: request.columns, info };
      const { version, id } = await commit(place, write, request.record);
      published = true;
      return { version, versionId: id };
    },
    async discard() {
      if (!published) await lakeTable.discard(files);
    },
  };
}

/** Published files that stay. */
function keptFiles(base: Snapshot | undefined, replaces: Replaces): readonly DataFile[] {
  if (base === undefined || replaces === "all") return [];
  return replaces === "none" ? base.files : base.files.filter((file) => !holds(replaces.partitions)(file));
}

/** undefined when a foreign writer left a file without its number of rows, or rows of it were deleted. */
function knownRows(files: readonly DataFile[]): number | undefined {
  return files.every(({ rows, deletionVector }) => rows !== undefined && !deletionVector)
    ? rowsOf(files)
    : undefined;
}

const rowsOf = (files: readonly DataFile[]): number => files.reduce((sum, file) => sum + (file.rows ?? 0), 0);

type Write = Pick<TableChange, "base" | "add" | "remove" | "columns" | "info">;

function commit({ task, lakeTable }: Place, write: Write, record: VersionRecord): Promise<Snapshot> {
  const inputs = Object.entries(record.inputs).flatMap(([name, { version, mark }]): [string, number][] => [
    [inputPosition + name, version],
    [markPosition + name, mark ?? noPosition],
  ]);
  return lakeTable.commit({
    ...write,
    positions: { [modelPosition]: record.fingerprint, ...Object.fromEntries(inputs) },
    info: { ...write.info, runId: task.runId },
    taskId: task.taskId,
  });
}

function removal(replaces: Replaces): TableChange["remove"] {
  if (replaces === "none" || replaces === "all") return replaces;
  return { partitions: replaces.partitions.map((value) => (value === "" ? null : value)) };
}

function recordOf({ version, id, positions }: Snapshot): Omit<PublishedState, "from"> {
  const inputs = [...positions].flatMap(([entry, built]): [string, BuiltFrom][] => {
    if (!entry.startsWith(inputPosition)) return [];
    const name = entry.slice(inputPosition.length);
    return [[name, { version: built, mark: positions.get(markPosition + name) }]];
  });
  return {
    version,
    id,
    fingerprint: positions.get(modelPosition) ?? 0,
    inputs: Object.fromEntries(inputs),
  };
}
