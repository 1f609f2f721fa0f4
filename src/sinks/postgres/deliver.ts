/** Brings one dataset version into its table, with what the project says about keys. */
import type pg from "pg";
import { ShoplakeError } from "../../util/errors.ts";
import { pgIdent, pgText } from "../../util/postgres.ts";
import type { SinkContext, SinkInput, SinkResult } from "../sink.ts";
import { bringRows } from "./bring.ts";
import {
  type Constraints,
  constraintsOf,
  ensureConstraints,
  exists,
  InTheWay,
  isViolation,
  takeOff,
  unwanted,
  violated,
} from "./constraints.ts";
import type { Content } from "./content.ts";
import { type LedgerEntry, ledgerName, openLedger, type Place, quoted, recordVersion } from "./ledger.ts";
import { NotRemembered } from "./rows.ts";
import { prepareTable, type TargetTable } from "./table.ts";
import type { TargetColumn } from "./types.ts";

/** A version on its way into its table. */
export interface Delivery {
  /** The table. */
  readonly place: Place;
  /** The version. */
  readonly input: SinkInput;
  /** As they will be in PostgreSQL. */
  readonly columns: readonly TargetColumn[];
  /** Tells the content without reading it; undefined: nothing does. */
  readonly origin: string | undefined;
  /** Reads the dataset, the first time it is called. */
  readonly content: () => Promise<Content>;
  /** Keys and indexes that the project's checks allow. */
  readonly wanted: Constraints;
  /** Engine, signal and warnings. */
  readonly context: SinkContext;
}

const nothing: SinkResult = { inserted: 0, updated: 0, deleted: 0, unchanged: true };

/** How often other writers may set anew what was dropped. */
const attempts = 10;

/**
 * One transaction. Foreign keys that are in its way are dropped between two tries, not within: that locks readers out, so it
 * must be over in an instant. A delivery that dies in between leaves a foreign key less, and the next one sets it.
 */
export async function deliver(client: pg.Client, delivery: Delivery): Promise<SinkResult> {
  let compareAll = delivery.input.reload === true;
  for (let attempt = 1; ; attempt++) {
    await client.query("BEGIN");
    try {
      const result = await writeVersion(client, { ...delivery, compareAll });
      await client.query("COMMIT");
      return result;
    } catch (error) {
      const isOurs = error instanceof InTheWay || error instanceof NotRemembered;
      if (attempt === attempts || !(isOurs || isViolation(error))) throw error;
      await client.query("ROLLBACK");
      if (error instanceof NotRemembered) compareAll = true;
      else await clear(client, delivery, error);
    }
  }
}

/** Drops what was in the way of a delivery. Throws the error when that is nothing of Shoplake. */
async function clear(client: pg.Client, { place }: Delivery, error: unknown): Promise<void> {
  const statements =
    error instanceof InTheWay
      ? error.statements
      : violated(error, await constraintsOf(client, quoted(place)));
  if (statements.length === 0) throw error;
  for (const statement of statements) await client.query(statement);
}

async function writeVersion(
  client: pg.Client,
  delivery: Delivery & { readonly compareAll: boolean },
): Promise<SinkResult> {
  const { place, input, columns, context } = delivery;
  const known = await openLedger(client, place);
  refuseOther(known, place, input.dataset);
  const there = await constraintsOf(client, quoted(place));
  const unwantedOnes = unwanted(there, delivery.wanted);
  if (unwantedOnes.length > 0) throw new InTheWay(unwantedOnes);
  const now = { dataset: input.dataset, version: input.version, origin: delivery.origin ?? null };
  if (known !== undefined && input.reload !== true && (await stands(client, delivery, known))) {
    if (known.version !== now.version || known.origin !== now.origin)
      await recordVersion(client, place, { ...known, ...now });
    if (known.created) await ensureConstraints(client, quoted(place), { ...delivery, ...context });
    return nothing;
  }
  const content = await delivery.content();
  const slow = checkedRowByRow(there, { input, rows: content.rows, before: known?.rows ?? 0 });
  if (slow.length > 0) throw new InTheWay(slow);
  const target = await prepareTable(client, place, { input, columns }, known);
  await emptyOthers(client, target, context);
  const constraints = await constraintsOf(client, target.name);
  const { changes, seal } = await bringRows({ ...delivery, client, target, content, known, constraints });
  const { rows, fingerprint } = content;
  await recordVersion(client, place, { ...now, rows, fingerprint, seal, created: target.created });
  if (target.created) await ensureConstraints(client, target.name, { ...delivery, ...context });
  return { ...changes, unchanged: false };
}

/** Two datasets in one table would replace each other at every run. */
function refuseOther(known: LedgerEntry | undefined, { schema, table }: Place, dataset: string): void {
  if (known === undefined || known.dataset === dataset) return;
  throw new ShoplakeError("sink", `The table ${schema}.${table} holds the dataset ${known.dataset}.`, {
    where: dataset,
    allowed: "one dataset for each table",
    hint: `Give one of the two another name under tables in the sink. When ${known.dataset} is delivered no more, hand the table over: UPDATE ${ledgerName(schema)} SET dataset = ${pgText(dataset)} WHERE table_name = ${pgText(table)}`,
  });
}

/** True when the table holds this content, as far as Shoplake has written it. */
async function stands(client: pg.Client, delivery: Delivery, known: LedgerEntry): Promise<boolean> {
  if (!(await exists(client, quoted(delivery.place)))) return false;
  if (known.origin !== null && known.origin === delivery.origin) return true;
  return known.fingerprint === (await delivery.content()).fingerprint;
}

/** A fifth more rows, and at least these: checking all rows once costs less than each new one. */
const manyRows = 10_000;

/** What is dropped because it costs less to check it once at the end. */
function checkedRowByRow(
  there: Constraints,
  { input, rows, before }: { readonly input: SinkInput; readonly rows: number; readonly before: number },
): string[] {
  if (input.key.length === 0) return takeOff(there);
  const isMuch = rows - before > Math.max(manyRows, before / 5);
  return isMuch ? takeOff({ ...there, incoming: [], unique: [] }) : [];
}

/** Columns that a dataset lost stay in a table of ours, with NULL: views on them keep working, and no old value looks like a new one. */
async function emptyOthers(client: pg.Client, target: TargetTable, context: SinkContext): Promise<void> {
  if (!target.created || target.others.length === 0 || target.empty) return;
  const names = target.others.map(pgIdent);
  context.warn(
    `${target.name}: columns that the dataset does not have any more are NULL: ${target.others.join(", ")}`,
  );
  await client.query(
    `UPDATE ${target.name} SET ${names.map((name) => `${name} = NULL`).join(", ")} WHERE ${names.map((name) => `${name} IS NOT NULL`).join(" OR ")}`,
  );
}
