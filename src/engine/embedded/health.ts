/** Says whether statements work: what /ping answers. */
import type { Database } from "./database.ts";

/** What a check found. */
export interface Finding {
  /** Why statements fail, in the engine's words; undefined when they work. */
  readonly reason: string | undefined;
  /** True when only a new engine process can help: it shall end, and its owner starts another one. */
  readonly beyondRepair: boolean;
}

/** The health of one engine process. */
export interface Health {
  /** Runs a statement, and repairs what can be repaired. A finding is good for a second. Never throws. */
  check(): Promise<Finding>;
}

/** Milliseconds for which a finding is good. */
const GOOD_FOR_MS = 1000;

/** Milliseconds after which a statement that should take two has failed. Less than clients wait for /ping. */
const PATIENCE_MS = 4000;

/** What every statement needs: a session, a table for a SELECT without FROM, and the catalogue. */
const PROBE = "SELECT 1 FROM system.databases LIMIT 1 UNION ALL SELECT 1";

/** A database that every statement needs is gone, or no session can be opened. */
const MISSING = /UNKNOWN_DATABASE|UNKNOWN_TABLE|Failed to create connection/;

/** `now`: milliseconds, of any clock that does not go back. */
export function createHealth(database: Pick<Database, "open" | "repair">, now: () => number): Health {
  let last: { readonly at: number; readonly finding: Promise<Finding> } | undefined;

  async function look(): Promise<Finding> {
    const reason = await failure(database);
    if (reason === undefined || !MISSING.test(reason)) return { reason, beyondRepair: false };
    await database.repair().catch(() => undefined);
    const left = await failure(database);
    return { reason: left, beyondRepair: left !== undefined && MISSING.test(left) };
  }

  return {
    check() {
      if (last === undefined || now() - last.at >= GOOD_FOR_MS) last = { at: now(), finding: look() };
      return last.finding;
    },
  };
}

async function failure(database: Pick<Database, "open">): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`SELECT 1 took more than ${PATIENCE_MS} ms`), PATIENCE_MS);
  });
  const failed = probe(database).then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  try {
    return await Promise.race([failed, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function probe(database: Pick<Database, "open">): Promise<void> {
  const session = database.open();
  try {
    await session.run(PROBE, "Null");
  } finally {
    session.close();
  }
}
