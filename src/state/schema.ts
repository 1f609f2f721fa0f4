/**
 * The `ops` database: what version it has, and how it comes to the version of this program. Tables are made by the numbered
 * migrations; views are the same for every state of a version, and are made anew after the last one.
 */
import type { Engine } from "../engine/engine.ts";
import { ShoplakeError } from "../util/errors.ts";
import { type Lock, migrationLock } from "./migrations/lock.ts";
import type { Migration, MigrationPlace } from "./migrations/migration.ts";
import { migrations } from "./migrations/registry.ts";
import type { Owner } from "./owners.ts";
import { views } from "./views.ts";

/** The version that this program makes and reads. A change of a view needs a migration too, one that does nothing. */
export const SCHEMA_VERSION: number = Math.max(...migrations.map(({ number }) => number));

/** Where the lock and the files of the lake are. */
export interface LakePlace {
  /** This process; the lock and the lake are in its store. */
  readonly owner: Owner;
  /** What belongs to the change from an older version and is outside of `ops`. May be done twice. Default: nothing. */
  readonly afterMigration?: () => Promise<void>;
}

/**
 * Brings the state to `SCHEMA_VERSION`. One statement when it is there already. Safe to be killed. With its lake, also safe to be
 * called from several processes at once: the first migrates, the others wait; without, for an engine that nobody else uses.
 * Throws `unsupported` when a newer program has written the state.
 */
export async function ensureSchema(engine: Engine, lake?: LakePlace): Promise<void> {
  if ((await knownVersion(engine)) === SCHEMA_VERSION) return;
  const lock: Lock = lake === undefined ? (work) => work() : migrationLock(lake.owner);
  await lock(async () => {
    const version = await knownVersion(engine);
    if (version === SCHEMA_VERSION) return;
    await migrate({ engine, store: lake?.owner.store }, version);
    if (version > 0) await lake?.afterMigration?.();
    await engine.command(versionView({ number: SCHEMA_VERSION }));
  });
}

/** Everything but the record of the last version, which says that all is done. */
async function migrate(place: MigrationPlace, version: number): Promise<void> {
  const { engine } = place;
  await engine.command("CREATE DATABASE IF NOT EXISTS ops");
  for (const migration of migrations.filter(({ number }) => number > version)) {
    await migration.up(place);
    if (migration.number < SCHEMA_VERSION) await engine.command(versionView(migration));
  }
  for (const view of views) await engine.command(view);
}

/** A view, because it is replaced in one step. */
function versionView({ number }: Pick<Migration, "number">): string {
  return `CREATE OR REPLACE VIEW ops.schema_version AS SELECT ${number} AS version`;
}

/** 0 when there is no state, or one that was never finished. Throws `unsupported` for one of a newer program. */
async function knownVersion(engine: Engine): Promise<number> {
  const [found] = await engine.rows<{ definition: string }>(
    "SELECT as_select AS definition FROM system.tables WHERE database = 'ops' AND name = 'schema_version'",
  );
  const version = Number(/SELECT (\d+) AS/.exec(found?.definition ?? "")?.[1] ?? 0);
  if (version <= SCHEMA_VERSION) return version;
  throw new ShoplakeError(
    "unsupported",
    `the state of this project has version ${version}; this shoplake knows versions up to ${SCHEMA_VERSION}`,
    {
      where: "database ops",
      allowed: `A state of version 1 to ${SCHEMA_VERSION}; an older one is brought to version ${SCHEMA_VERSION} when it is opened.`,
      hint: "Nothing was changed. A newer shoplake has worked on this project: use that one, or restore a backup of the state folder from before.",
    },
  );
}
