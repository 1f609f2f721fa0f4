/** Brings one dataset version into its table, with what the project says about keys. */
import type pg from "pg";
import { pgIdent } from "../../util/postgres.ts";
import type { SinkContext, SinkInput, SinkResult } from "../sink.ts";
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
import { openLedger, type Place, quoted, recordVersion } from "./ledger.ts";
import { writeRows } from "./rows.ts";
import { prepareTable, type TargetTable } from "./table.ts";
import type { TargetColumn } from "./types.ts";

export interface Delivery {
  readonly place: Place;
  readonly input: SinkInput;
  readonly columns: readonly TargetColumn[];
  readonly content: Content;
  readonly wanted: Constraints;
  readonly context: SinkContext;
}

const nothing: SinkResult = { inserted: 0, updated: 0, deleted: 0, unchanged: true };

/** How often other writers may set anew what was taken off. */
const attempts = 10;

/**
 * One transaction. Foreign keys that stand in its way are taken off between two tries, not within: that locks readers out, so it
 * must be over in an instant. A delivery that dies in between leaves a foreign key less, and the next one sets it.
 */
export async function deliver(client: pg.Client, delivery: Delivery): Promise<SinkResult> {
  for (let attempt = 1; ; attempt++) {
    await client.query("BEGIN");
    try {
      const result = await writeVersion(client, delivery);
      await client.query("COMMIT");
      return result;
    } catch (error) {
      if (attempt === attempts || !(error instanceof InTheWay || isViolation(error))) throw error;
      await client.query("ROLLBACK");
      const statements =
        error instanceof InTheWay
          ? error.statements
          : violated(error, await constraintsOf(client, quoted(delivery.place)));
      if (statements.length === 0) throw error;
      for (const statement of statements) await client.query(statement);
    }
  }
}

async function writeVersion(client: pg.Client, delivery: Delivery): Promise<SinkResult> {
  const { place, input, columns, content, context } = delivery;
  const known = await openLedger(client, place);
  const there = await constraintsOf(client, quoted(place));
  const unwantedOnes = unwanted(there, delivery.wanted);
  if (unwantedOnes.length > 0) throw new InTheWay(unwantedOnes);
  const entry = { dataset: input.dataset, version: input.version, ...content };
  if (known?.fingerprint === content.fingerprint && (await exists(client, quoted(place)))) {
    if (known.version !== input.version)
      await recordVersion(client, place, { ...entry, created: known.created });
    if (known.created) await ensureConstraints(client, quoted(place), { ...delivery, ...context });
    return nothing;
  }
  const slow = checkedRowByRow(there, { ...delivery, before: known?.rows ?? 0 });
  if (slow.length > 0) throw new InTheWay(slow);
  const target = await prepareTable(client, place, { input, columns }, known);
  await emptyOthers(client, target, context);
  const constraints = await constraintsOf(client, target.name);
  const changes = await writeRows({ client, target, input, rows: content.rows, constraints, context });
  await recordVersion(client, place, { ...entry, created: target.created });
  if (target.created) await ensureConstraints(client, target.name, { ...delivery, ...context });
  return { ...changes, unchanged: false };
}

/** A fifth more rows, and at least these: checking all rows once costs less than each new one. */
const manyRows = 10_000;

/** What is taken off because it costs less to check it once at the end. */
function checkedRowByRow(
  there: Constraints,
  { input, content, before }: Delivery & { readonly before: number },
): string[] {
  if (input.key.length === 0) return takeOff(there);
  const isMuch = content.rows - before > Math.max(manyRows, before / 5);
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
