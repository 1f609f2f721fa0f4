/**
 * New rows of a keyed dataset. They compete with the published rows of the same keys; the partitions in which such a key
 * is or will be are rewritten. When none of the keys was there before, the winners are simply appended.
 *
 * Equal to a full rebuild because the winner of a key is the greatest of a set of rows, however the set is cut into pieces.
 */

import type { TaskCounts } from "../../api/runs.ts";
import { ident, table } from "../../engine/sql.ts";
import { dedupe, nullSafeKey } from "../../quality/dedupe.ts";
import { stageRejects } from "../../quality/quarantine.ts";
import { guardedSelect } from "../../quality/rules.ts";
import { messageOf } from "../../util/errors.ts";
import { warn } from "../events.ts";
import type { Replaces } from "../target/target.ts";
import { columnsOf, rejectsOf, type StagedModel, type Staging, writeExactly } from "./staging.ts";

type Part = "candidates" | "old" | "winners";

/** Writes the winners aside. Throws `internal` when the rows do not reconcile; its working tables are dropped in any case. */
export async function stageMerge(staging: Staging): Promise<StagedModel> {
  try {
    const arrived = await takeCandidates(staging);
    await takeOld(staging);
    await takeWinners(staging);
    return await writeMerged(staging, arrived);
  } finally {
    await dropParts(staging);
  }
}

/** Not under the task's signal: also what a cancelled task leaves has to go. Its failure never hides the first one. */
async function dropParts(staging: Staging): Promise<void> {
  const parts = (["candidates", "old", "winners"] as const).map((part) => nameOf(staging, part));
  await staging.task.host.engine
    .command(`DROP TABLE IF EXISTS ${parts.join(", ")}`)
    .catch((error: unknown) => warn(staging.task, `its working tables are left: ${messageOf(error)}`));
}

/** The new rows, guarded; their rejects go to quarantine. */
async function takeCandidates(
  staging: Staging,
): Promise<{ readonly read: number; readonly rejected: number }> {
  const { model, task, options } = staging;
  await create(staging, "candidates", guardedSelect(model) ?? model.sql);
  const rows = `SELECT * FROM ${nameOf(staging, "candidates")}`;
  const [found] = await task.host.engine.rows<{ read: string; rejected: string }>(
    `SELECT count() AS read, countIf(_reject != '') AS rejected FROM (${rows})`,
    options,
  );
  const counts = { read: Number(found?.read ?? 0), rejected: Number(found?.rejected ?? 0) };
  if (counts.rejected > 0)
    await stageRejects(task.host.engine, rejectsOf(staging, { select: rows }), options);
  return counts;
}

/** Published rows of the same keys. */
function takeOld(staging: Staging): Promise<void> {
  return create(
    staging,
    "old",
    `SELECT ${columnsOf(staging.model)} FROM ${published(staging)} WHERE ${key(staging)} IN ${keys(staging)}`,
  );
}

async function takeWinners(staging: Staging): Promise<void> {
  const columns = columnsOf(staging.model);
  const side = (part: Part, fresh: 0 | 1, where = ""): string =>
    `SELECT ${columns}, ${fresh} AS _fresh FROM ${nameOf(staging, part)}${where}`;
  const all = `${side("candidates", 1, " WHERE _reject = ''")} UNION ALL ${side("old", 0)}`;
  await create(staging, "winners", dedupe(all, staging.model, ["_fresh"]));
}

async function writeMerged(
  staging: Staging,
  arrived: { readonly read: number; readonly rejected: number },
): Promise<StagedModel> {
  const { model, target } = staging;
  const columns = columnsOf(model);
  const found = await countParts(staging);
  const [old, winners, fresh] = [sum(found, "old"), sum(found, "winners"), sum(found, "fresh")];
  const deduplicated = arrived.read - arrived.rejected - fresh;
  const counts: TaskCounts = { ...arrived, published: fresh, deduplicated };
  const winning = `SELECT ${columns} FROM ${nameOf(staging, "winners")}`;
  if (old === 0) {
    const staged = await writeExactly(staging, { select: winning, replaces: "none", expected: winners });
    return { staged, counts };
  }
  const partitions = found.map(({ p }) => p);
  const there =
    model.partitionBy === undefined
      ? { from: published(staging), rows: undefined }
      : await target.published(partitions);
  const kept = `SELECT ${columns} FROM ${there.from} WHERE ${key(staging)} NOT IN ${keys(staging)}`;
  const expected = (there.rows ?? (await countRows(staging, there.from))) - old + winners;
  const replaces: Replaces = model.partitionBy === undefined ? "all" : { partitions };
  const staged = await writeExactly(staging, { select: `${kept} UNION ALL ${winning}`, replaces, expected });
  return { staged, counts };
}

interface PartitionParts {
  /** Value of the partition expression, as text; '' without one. */
  readonly p: string;
  readonly old: number;
  readonly winners: number;
  /** Winners that arrived now. */
  readonly fresh: number;
}

/** By partition in which the keys were or will be. */
async function countParts(staging: Staging): Promise<readonly PartitionParts[]> {
  const { task, model, options } = staging;
  const of = (part: Part, [old, won, fresh]: readonly string[]): string =>
    `SELECT ifNull(toString(${model.partitionBy ?? "''"}), '') AS p, ${old} AS old, ${won} AS won, ${fresh} AS fresh FROM ${nameOf(staging, part)}`;
  const rows = await task.host.engine.rows<Record<keyof PartitionParts, string>>(
    `SELECT p, sum(old) AS old, sum(won) AS winners, sum(fresh) AS fresh
FROM (${of("old", ["1", "0", "0"])} UNION ALL ${of("winners", ["0", "1", "_fresh"])}) GROUP BY p ORDER BY p`,
    options,
  );
  return rows.map((row) => ({
    p: row.p,
    old: Number(row.old),
    winners: Number(row.winners),
    fresh: Number(row.fresh),
  }));
}

function sum(parts: readonly PartitionParts[], name: "old" | "winners" | "fresh"): number {
  return parts.reduce((total, part) => total + part[name], 0);
}

async function countRows(staging: Staging, from: string): Promise<number> {
  const [row] = await staging.task.host.engine.rows<{ n: string }>(
    `SELECT count() AS n FROM ${from}`,
    staging.options,
  );
  return Number(row?.n ?? 0);
}

async function create(staging: Staging, part: Part, select: string): Promise<void> {
  await command(
    staging,
    `CREATE TABLE ${nameOf(staging, part)} ENGINE = MergeTree ORDER BY tuple() AS ${select}`,
  );
}

async function command({ task, options }: Staging, sql: string): Promise<void> {
  await task.host.engine.command(sql, options);
}

const published = ({ decision }: Staging): string => decision.current?.from ?? "";
const nameOf = ({ model, task }: Staging, part: Part): string =>
  table(`staging.${model.name}@${task.taskId}@${part}`);
const key = ({ model }: Staging): string => nullSafeKey(model.key, model.schema);
const keys = (staging: Staging): string =>
  `(SELECT ${key(staging)} FROM ${nameOf(staging, "candidates")} WHERE ${ident("_reject")} = '')`;
