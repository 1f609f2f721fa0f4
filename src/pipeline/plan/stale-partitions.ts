/** Which partitions of a dataset may come out differently after rows of its inputs have changed. */
import type { Locality, Lookup } from "../../analysis/locality.ts";
import type { Model } from "../../project/project.ts";
import type { Reading } from "../context.ts";
import { boundSelect } from "./bound-select.ts";
import { differingRows, type InputChange, snapshotOf, withRemovedRows } from "./changes.ts";
import type { Input } from "./inputs.ts";
import { parameterValues } from "./parameters.ts";

/** A model with changed inputs. */
export interface StaleQuestion {
  /** Whose partitions are asked for. */
  readonly model: Model;
  /** All of them, at the versions that are read. */
  readonly inputs: readonly Input[];
  /** What is proved of the model. */
  readonly locality: Locality;
  /** Inputs whose rows are not what the dataset was built from. */
  readonly changes: readonly InputChange[];
}

/**
 * True for a dataset whose partitions can be replaced one by one. Rules and declared types send rows to quarantine; those are
 * recorded per row of the input, not per partition.
 */
export function hasOwnPartitions({ partitionBy, newestBy, reject, columns }: Model): boolean {
  const rules = reject.length > 0 || columns.some((column) => column.type !== undefined);
  return partitionBy !== undefined && newestBy.length === 0 && !rules;
}

/** Values of the partition expression whose rows may come out differently; undefined when that cannot be proved. */
export async function stalePartitions(
  task: Reading,
  question: StaleQuestion,
): Promise<readonly string[] | undefined> {
  const { model, locality, changes } = question;
  if (!hasOwnPartitions(model) || locality.partitions.length === 0) return undefined;
  const found = new Set<string>();
  for (const change of changes) {
    const origin = locality.partitions.find((candidate) => candidate.dataset === change.input.dataset);
    if (origin === undefined && locality.postFilter) {
      if (await anyDiffers(task, [change], locality)) return undefined;
      continue;
    }
    const sql =
      origin === undefined
        ? await probe(task, question, change)
        : `SELECT DISTINCT ifNull(toString(${origin.expression}), '') AS p FROM ${differences(task, change, locality)}`;
    for (const { p } of await task.host.engine.rows<{ p: string }>(sql, {
      params: parameterValues(task, model),
      signal: task.signal,
    }))
      found.add(p);
  }
  return [...found].sort();
}

/**
 * Which partitions do the changed rows of one input reach? When rows that tell their partition look them up: those of these rows.
 * Rows that have gone from there since make their partition stale themselves.
 */
async function probe(task: Reading, question: StaleQuestion, change: InputChange): Promise<string> {
  const { inputs, locality } = question;
  const lookup = locality.lookups.find(({ dataset }) => dataset === change.input.dataset);
  const origin = locality.partitions.find(({ dataset }) => dataset === lookup?.driving);
  const looking = inputs.find(({ dataset }) => dataset === origin?.dataset);
  if (lookup === undefined || origin === undefined || looking === undefined)
    return probeByModel(task, question, { change, lookup });
  const changed = `SELECT ${lookup.key} FROM ${differences(task, change, locality)}`;
  return `SELECT DISTINCT ifNull(toString(${origin.expression}), '') AS p FROM ${looking.from} WHERE ${lookup.by} IN (${changed})`;
}

/**
 * The model over the changed rows of one input, with the others as they are or were. When the changed input is only looked up,
 * just over the rows that look up a changed one.
 */
async function probeByModel(
  task: Reading,
  question: StaleQuestion,
  { change, lookup }: { readonly change: InputChange; readonly lookup: Lookup | undefined },
): Promise<string> {
  const { model, inputs, changes, locality } = question;
  const changed = differences(task, change, locality);
  const sources = inputs.map(({ dataset, from, snapshot }) => {
    if (dataset === change.input.dataset) return { dataset, from: changed };
    const other = changes.find((candidate) => candidate.input.dataset === dataset);
    const whole =
      other === undefined || snapshot === undefined
        ? from
        : withRemovedRows(task.host.lake.table(dataset), snapshot, other);
    if (dataset !== lookup?.driving) return { dataset, from: whole };
    return {
      dataset,
      from: `(SELECT * FROM ${whole} WHERE ${lookup.by} IN (SELECT ${lookup.key} FROM ${changed}))`,
    };
  });
  return `SELECT DISTINCT ifNull(toString(${model.partitionBy}), '') AS p FROM (\n${await boundSelect(task, model, sources)}\n)`;
}

/** True when a change differs in a column the model reads. */
export async function anyDiffers(
  task: Reading,
  changes: readonly InputChange[],
  locality: Locality,
): Promise<boolean> {
  for (const change of changes) if (change.appendOnly || (await differs(task, change, locality))) return true;
  return false;
}

async function differs(task: Reading, change: InputChange, locality: Locality): Promise<boolean> {
  const { host, signal } = task;
  const rows = await host.engine.rows(`SELECT 1 FROM ${differences(task, change, locality)} LIMIT 1`, {
    signal,
  });
  return rows.length > 0;
}

function differences(task: Reading, change: InputChange, locality: Locality): string {
  const snapshot = snapshotOf(change);
  const used = locality.columnsUsed[change.input.dataset] ?? [];
  const columns = used.length > 0 ? used : snapshot.columns.map((column) => column.name);
  return differingRows(task.host.lake.table(change.input.dataset), snapshot, change, columns);
}
