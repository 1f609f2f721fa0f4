/**
 * Shows that nobody else has written to a table. PostgreSQL keeps with every row the number of the transaction that wrote it
 * (xmin); rows that are inserted, changed or deleted by others change how many there are or what these numbers add up to.
 * https://www.postgresql.org/docs/current/ddl-system-columns.html
 */
import type pg from "pg";

/** Two numbers that nobody else's writing leaves as they are. */
export interface Seal {
  /** How many there are. */
  readonly rows: bigint;
  /** Sum of the transaction numbers. */
  readonly writers: bigint;
}

/** age() counts back from one transaction, so that a difference of two ages does not depend on which. */
const writer = "age('3'::xid)::bigint - age(xmin)";

/** Reads the rows of a table once, or only those that a condition on `t` names. `table` is quoted. */
export async function sealOf(client: pg.Client, table: string, where = "true"): Promise<Seal> {
  const found = await client.query<{ rows: string; writers: string }>(
    `SELECT count(*) AS rows, count(*) * age('3'::xid)::bigint - coalesce(sum(age(xmin)), 0) AS writers FROM ${table} t WHERE ${where}`,
  );
  const [row] = found.rows;
  return { rows: BigInt(row?.rows ?? 0), writers: BigInt(row?.writers ?? 0) };
}

/** Of a table whose rows were all written by the transaction that asks. */
export async function sealOfNew(client: pg.Client, table: string, rows: number): Promise<Seal> {
  const found = await client.query<{ writer: string }>(`SELECT ${writer} AS writer FROM ${table} LIMIT 1`);
  return { rows: BigInt(rows), writers: BigInt(rows) * BigInt(found.rows[0]?.writer ?? 0) };
}

/** Of a table of which only some rows were touched, from what those were before and are now. */
export function resealed(seal: Seal, before: Seal, after: Seal): Seal {
  return {
    rows: seal.rows - before.rows + after.rows,
    writers: seal.writers - before.writers + after.writers,
  };
}

/** As the ledger keeps it. */
export function sealText({ rows, writers }: Seal): string {
  return `${rows}:${writers}`;
}
