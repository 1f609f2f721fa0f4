/**
 * The incremental planner: how little may be rebuilt so that the result equals a full rebuild, row for row.
 * What follows from the versions, the changed files and the proven locality of the model is decided here; whatever cannot be
 * proved is rebuilt in full.
 */

import { join } from "node:path";
import { type Locality, localityOf, type Origin } from "../../analysis/locality.ts";
import type { Column } from "../../engine/engine.ts";
import type { Model } from "../../project/project.ts";
import type { Interval, Reading } from "../context.ts";
import type { PublishedState, VersionRecord } from "../target/target.ts";
import { currentState } from "../target/target-of.ts";
import type { Action } from "../types.ts";
import { boundSelect } from "./bound-select.ts";
import { addedRows, changesSince, type InputChange, isUntouched, snapshotOf } from "./changes.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { type Input, idsOf, resolveInputs, versionsOf } from "./inputs.ts";
import { parameterValues } from "./parameters.ts";
import { anyDiffers, hasOwnPartitions, stalePartitions } from "./stale-partitions.ts";

/** How much of a model is rebuilt, and from what. */
export interface Decision {
  /** What the task will do. */
  readonly action: Exclude<Action, "extract" | "deliver" | "upstream">;
  /** Why, in one line for a person. */
  readonly reason: string;
  /** At the versions that the task has to read. */
  readonly inputs: readonly Input[];
  /** What the version to come says of itself. */
  readonly record: VersionRecord;
  /** Values of the parameters the model uses. */
  readonly parameters: Readonly<Record<string, string>>;
  /** The published version that it starts from; undefined: none yet. */
  readonly current: PublishedState | undefined;
  /** With `append` and `merge`: the input whose new rows are enough, and those rows as a table expression. */
  readonly delta?: { readonly dataset: string; readonly from: string };
  /** With `partitions`: values of the partition expression, as text. */
  readonly partitions?: readonly string[];
  /** With `partitions`: inputs of which only rows with the same value of an expression have a share in a partition. */
  readonly origins?: readonly Origin[];
  /** With `none`: input versions moved on without touching a row; worth recording. */
  readonly acknowledge?: boolean;
  /** The decision as plain data, for whoever has to make it again. */
  readonly made: MadeDecision;
}

type Narrowed = Pick<Decision, "action" | "reason" | "delta" | "partitions" | "origins" | "acknowledge"> &
  Partial<Pick<Decision, "record">>;

/** A decision that was made, and what it was made from: while that holds, it holds. */
export interface MadeDecision {
  /** Versions of the inputs and of the dataset itself, the model, and what was asked for; compared as a whole. */
  readonly basis: string;
  /** What to build, without what the inputs say themselves. */
  readonly narrowed: Narrowed;
}

/** How little of a model is to be built. `made`: what was decided before; it is kept when it was made from the same. */
export async function decide(task: Reading, model: Model, made?: MadeDecision): Promise<Decision> {
  const inputs = await resolveInputs(task.host, model.dataset, model.dependencies);
  const parameters = parameterValues(task, model);
  const fingerprint = fingerprintOf(model, task.host.engine.version, parameters);
  const current = await currentState(task.host, model);
  const question = { model, inputs, fingerprint, current };
  const basis = basisOf(task, question);
  const narrowed = made?.basis === basis ? made.narrowed : await narrow(task, question);
  const record = { inputs: versionsOf(inputs), fingerprint };
  return { inputs, record, parameters, current, ...narrowed, made: { basis, narrowed } };
}

interface Question {
  readonly model: Model;
  readonly inputs: readonly Input[];
  readonly fingerprint: number;
  readonly current: PublishedState | undefined;
}

function basisOf({ fullRefresh, interval }: Reading, { inputs, fingerprint, current }: Question): string {
  return JSON.stringify([idsOf(inputs), current?.id, fingerprint, fullRefresh, interval]);
}

async function narrow(task: Reading, question: Question): Promise<Narrowed> {
  const { model, inputs, current } = question;
  if (current === undefined) return full("first build");
  if (task.fullRefresh) return full("full refresh was asked for");
  if (current.fingerprint !== question.fingerprint)
    return full("the model, its rules or the engine have changed");
  if (task.interval !== undefined)
    return byInterval(task, model, { current, interval: task.interval, inputs });
  const changes = await changesSince(task.host, inputs, current.inputs);
  if (changes.length === 0) return { action: "none", reason: "nothing new" };
  if (changes.every(isUntouched))
    return { action: "none", reason: "inputs hold the same rows", acknowledge: true };
  const unknown = changes.find((change) => change.files === undefined);
  if (unknown) return full(`${describe(unknown)} (its changes cannot be told row by row)`);
  return byLocality(task, question, changes);
}

async function byLocality(
  task: Reading,
  question: Question,
  changes: readonly InputChange[],
): Promise<Narrowed> {
  const { model } = question;
  const { host } = task;
  const locality = await localityOf(
    host.engine,
    model,
    schemasOf(task, question.inputs),
    join(host.stateDir, "cache"),
  );
  const touching = changes.filter((change) => !isUntouched(change));
  const because = touching.map(describe).join(", ");
  const growing = touching.find((change) => canExtend(model, locality, change));
  const others = touching.filter((change) => change !== growing);
  if (growing !== undefined && !(await anyDiffers(task, others, locality))) {
    const { input } = growing;
    const from = addedRows(task.host.lake.table(input.dataset), snapshotOf(growing), growing);
    const action = model.newestBy.length > 0 ? "merge" : "append";
    return { action, reason: describe(growing), delta: { dataset: input.dataset, from } };
  }
  const partitions = await stalePartitions(task, {
    model,
    inputs: question.inputs,
    locality,
    changes: touching,
  });
  const unread: Narrowed = { action: "none", reason: `${because}, none that it reads`, acknowledge: true };
  if (partitions === undefined) return (await anyDiffers(task, touching, locality)) ? full(because) : unread;
  if (partitions.length === 0) return unread;
  return {
    action: "partitions",
    partitions,
    origins: locality.partitions,
    reason: `${partitions.length} ${partitions.length === 1 ? "partition" : "partitions"}, ${because}`,
  };
}

/** Each published row depends on one row of the input that only grows (or, with a key, on the rows of that key). */
function canExtend(model: Model, locality: Locality, change: InputChange): boolean {
  const deletes = model.schema.some((column) => column.name === "_deleted");
  return locality.rowWise && locality.driving === change.input.dataset && change.appendOnly && !deletes;
}

async function byInterval(
  task: Reading,
  model: Model,
  { current, interval, inputs }: { current: PublishedState; interval: Interval; inputs: readonly Input[] },
): Promise<Narrowed> {
  if (!hasOwnPartitions(model)) return full("an interval was asked for, but it has no partitions of its own");
  const expression = `toDateTime(${model.partitionBy}, 'UTC')`;
  const all = `SELECT ${model.partitionBy} AS p, ${expression} AS t FROM`;
  const rows = await task.host.engine.rows<{ p: string }>(
    `SELECT toString(p) AS p FROM (SELECT p, t, leadInFrame(t, 1, toDateTime('2106-01-01', 'UTC')) OVER (ORDER BY t ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS next
     FROM (SELECT DISTINCT p, t FROM (${all} ${current.from} UNION ALL ${all} (${await boundSelect(task, model, inputs)}))))
     WHERE t < toDateTime(parseDateTimeBestEffort({interval_to:String}), 'UTC') AND next > toDateTime(parseDateTimeBestEffort({interval_from:String}), 'UTC') ORDER BY t`,
    {
      params: { ...parameterValues(task, model), interval_from: interval.start, interval_to: interval.end },
      signal: task.signal,
    },
  );
  const partitions = rows.map((row) => row.p);
  return {
    action: "partitions",
    // Other partitions are as stale as before: the version keeps saying what the whole of it was built from.
    record: { inputs: current.inputs, fingerprint: current.fingerprint },
    partitions,
    reason: `${partitions.length} partitions from ${interval.start} to ${interval.end}`,
  };
}

const full = (reason: string): Narrowed => ({ action: "full", reason });

function schemasOf(
  { catalogue }: Reading,
  inputs: readonly Input[],
): Readonly<Record<string, readonly Column[]>> {
  const columns = ({ dataset, snapshot }: Input): readonly Column[] =>
    snapshot?.columns ?? catalogue.datasets.get(dataset)?.columns ?? [];
  return Object.fromEntries(inputs.map((input) => [input.dataset, columns(input)]));
}

/** "1,204 new rows in bronze.shop_orders since version 41" */
function describe(change: InputChange): string {
  const since = `${change.input.dataset} since version ${change.since}`;
  if (change.files === undefined) return `changes in ${since}`;
  const added = change.files.added.reduce((sum, file) => sum + (file.rows ?? 0), 0).toLocaleString("en");
  if (change.files.removed.length === 0) return `${added} new ${added === "1" ? "row" : "rows"} in ${since}`;
  return `${added} rows rewritten in ${since}`;
}
