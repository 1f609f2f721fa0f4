/**
 * New rows of a keyed dataset. They compete with the published rows of the same keys; the partitions in which such a key
 * stands or will stand are rewritten. When none of the keys was there before, the winners are simply appended.
 *
 * Equal to a full rebuild because the winner of a key is the greatest of a set of rows, however the set is cut into pieces.
 */
import { ident, table } from "../engine/sql.ts";
import { dedupe, nullSafeKey } from "../quality/dedupe.ts";
import { stageRejects } from "../quality/quarantine.ts";
import { guardedSelect } from "../quality/rules.ts";
import type { TaskCounts } from "../telemetry/events.ts";
import { columnsOf, rejectsOf, type StagedModel, type Staging, writeExactly } from "./staging.ts";
import type { Replaces } from "./target.ts";

type Part = "candidates" | "old" | "winners";

export async function stageMerge(staging: Staging): Promise<StagedModel> {
  try {
    const arrived = await takeCandidates(staging);
    await takeOld(staging);
    await takeWinners(staging);
    return await writeMerged(staging, arrived);
  } finally {
    for (const part of ["candidates", "old", "winners"] as const)
      await command(staging, `DROP TABLE IF EXISTS ${nameOf(staging, part)}`);
  }
}

/** The new rows, guarded; their rejects go to quarantine. */
async function takeCandidates(
  staging: Staging,
): Promise<{ readonly read: number; readonly rejected: number }> {
  const { model, task, options } = staging;
  await create(staging, "candidates", guardedSelect(model) ?? model.sql);
  const rows = `SELECT * FROM ${nameOf(staging, "candidates")}`;
  const [found] = await task.workspace.engine.rows<{ read: string; rejected: string }>(
    `SELECT count() AS read, countIf(_reject != '') AS rejected FROM (${rows})`,
    options,
  );
  const counts = { read: Number(found?.read ?? 0), rejected: Number(found?.rejected ?? 0) };
  if (counts.rejected > 0)
    await stageRejects(task.workspace.engine, rejectsOf(staging, { select: rows }), options);
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
  const { model } = staging;
  const columns = columnsOf(model);
  const found = await countParts(staging);
  const counts: TaskCounts = {
    ...arrived,
    published: found.fresh,
    deduplicated: arrived.read - arrived.rejected - found.fresh,
  };
  const winning = `SELECT ${columns} FROM ${nameOf(staging, "winners")}`;
  if (found.old === 0) {
    const staged = await writeExactly(staging, {
      select: winning,
      replaces: "none",
      expected: found.winners,
    });
    return { staged, counts };
  }
  const { replaces, from } = await touched(staging);
  const kept = `SELECT ${columns} FROM ${from} WHERE ${key(staging)} NOT IN ${keys(staging)}`;
  const expected = (await countRows(staging, from)) - found.old + found.winners;
  const staged = await writeExactly(staging, { select: `${kept} UNION ALL ${winning}`, replaces, expected });
  return { staged, counts };
}

async function countParts(
  staging: Staging,
): Promise<{ readonly fresh: number; readonly winners: number; readonly old: number }> {
  const fresh = await countRows(staging, `${nameOf(staging, "winners")} WHERE _fresh = 1`);
  const winners = await countRows(staging, nameOf(staging, "winners"));
  return { fresh, winners, old: await countRows(staging, nameOf(staging, "old")) };
}

/** The partitions in which the keys stood or will stand, and what is published there. */
async function touched(staging: Staging): Promise<{ readonly replaces: Replaces; readonly from: string }> {
  const { task, target, model } = staging;
  const { partitionBy } = model;
  if (partitionBy === undefined) return { replaces: "all", from: published(staging) };
  const values = (part: Part): string =>
    `SELECT ifNull(toString(${partitionBy}), '') AS p FROM ${nameOf(staging, part)}`;
  const rows = await task.workspace.engine.rows<{ p: string }>(
    `SELECT DISTINCT p FROM (${values("old")} UNION ALL ${values("winners")}) ORDER BY p`,
  );
  const partitions = rows.map((row) => row.p);
  return { replaces: { partitions }, from: await target.published(partitions) };
}

async function countRows(staging: Staging, from: string): Promise<number> {
  const [row] = await staging.task.workspace.engine.rows<{ n: string }>(
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
  await task.workspace.engine.command(sql, options);
}

const published = ({ decision }: Staging): string => decision.current?.from ?? "";
const nameOf = ({ model, task }: Staging, part: Part): string =>
  table(`staging.${model.name}@${task.taskId}@${part}`);
const key = ({ model }: Staging): string => nullSafeKey(model.key, model.schema);
const keys = (staging: Staging): string =>
  `(SELECT ${key(staging)} FROM ${nameOf(staging, "candidates")} WHERE ${ident("_reject")} = '')`;
