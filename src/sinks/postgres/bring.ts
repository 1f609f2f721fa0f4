/** Brings the rows of a version into a table: only those that it changes, where that is known, and else by comparing all. */
import type pg from "pg";
import type { SinkContext, SinkInput } from "../sink.ts";
import type { Constraints } from "./constraints.ts";
import { type Content, idIn } from "./content.ts";
import type { LedgerEntry } from "./ledger.ts";
import { type Difference, difference, forget } from "./memory.ts";
import {
  copyTouched,
  NotRemembered,
  type RowChanges,
  type RowsRequest,
  touchedRows,
  writeRows,
} from "./rows.ts";
import { resealed, type Seal, sealOf, sealOfNew, sealText } from "./seal.ts";
import type { TargetTable } from "./table.ts";

/** A version, and the table that shall hold it. */
export interface BringRequest {
  /** Inside the transaction of the delivery. */
  readonly client: pg.Client;
  /** The table as it was prepared. */
  readonly target: TargetTable;
  /** The version to bring. */
  readonly input: SinkInput;
  /** What the version holds. */
  readonly content: Content;
  /** What the ledger says of the table. */
  readonly known: LedgerEntry | undefined;
  /** Compare all rows whatever is remembered. */
  readonly compareAll: boolean;
  /** What Shoplake has set on the table. */
  readonly constraints: Constraints;
  /** Engine, signal and warnings. */
  readonly context: SinkContext;
}

/** What was done to the rows. */
export interface Brought {
  /** Numbers of rows. */
  readonly changes: RowChanges;
  /** For the ledger. */
  readonly seal: string | null;
}

/**
 * Throws `NotRemembered` when all rows must be compared after all. No older version stays remembered, which costs a comparison of
 * all rows should the transaction fail afterwards.
 */
export async function bringRows(request: BringRequest): Promise<Brought> {
  const brought = await bring(request);
  const { memory, id } = request.content;
  if (memory !== undefined) await forget(memory, id);
  return brought;
}

async function bring(request: BringRequest): Promise<Brought> {
  const { client, target, content } = request;
  const rows = { ...request, rows: content.rows, difference: undefined };
  const known = await differenceTo(request);
  if (known !== undefined) return bringDifference({ ...rows, difference: known.difference }, known.seal);
  const changes = await writeRows(rows);
  if (content.memory === undefined) return { changes, seal: null };
  const seal = target.empty
    ? await sealOfNew(client, target.name, content.rows)
    : await sealOf(client, target.name);
  return { changes, seal: sealText(seal) };
}

async function bringDifference(rows: RowsRequest, seal: Seal): Promise<Brought> {
  const { client, target } = rows;
  await copyTouched(rows);
  const before = await sealOf(client, target.name, touchedRows(rows));
  const changes = await writeRows(rows);
  const after = resealed(seal, before, await sealOf(client, target.name, touchedRows(rows)));
  if (after.rows !== BigInt(rows.rows)) throw new NotRemembered();
  return { changes, seal: sealText(after) };
}

/**
 * What the version changes, and the seal of the table as it is. Only for a table in which everything is as Shoplake left it,
 * from a version that the engine still remembers.
 */
async function differenceTo({
  client,
  target,
  content,
  known,
  compareAll,
}: BringRequest): Promise<{ readonly difference: Difference; readonly seal: Seal } | undefined> {
  const { memory, id, idOf } = content;
  if (memory === undefined || known === undefined) return undefined;
  if (compareAll || known.seal === null || !target.created || target.empty) return undefined;
  const seal = await sealOf(client, target.name);
  if (sealText(seal) !== known.seal) return undefined;
  const found = await difference(memory, { from: idIn(known.fingerprint), to: id, rows: content.rows }, idOf);
  return found && { difference: found, seal };
}
