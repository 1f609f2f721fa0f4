/** Gives a statement its session: a private one, or the client's named one, with settings, parameters and database in place. */
import { DEFAULT_SETTINGS } from "../defaults.ts";
import { ident, text } from "../sql.ts";
import type { Database, DatabaseSession } from "./database.ts";
import type { Bindings } from "./request.ts";
import type { NamedSession } from "./sessions.ts";

type Pair = readonly [name: string, value: string];

/** What a statement needs before it runs. */
export interface Preparation {
  /** Settings and parameters of the request. */
  readonly bindings: Bindings;
  /** Current database; undefined: that of the session. */
  readonly database: string | undefined;
  /** Query id and comment, by which KILL finds the statement. */
  readonly logComment: string;
  /** Set `readonly=2`, as ClickHouse does for GET. */
  readonly readOnly: boolean;
}

/** A session that is ready. */
export interface Prepared {
  /** Runs the statement. */
  readonly session: DatabaseSession;
  /** Puts a named session back as it was, or closes a private one. */
  restore(): Promise<void>;
}

/** A session for one statement. */
export async function preparePrivate(database: Database, wanted: Preparation): Promise<Prepared> {
  const { session, settings } = openPrivate(database, wanted);
  const restore = () => Promise.resolve(session.close());
  try {
    await apply(session, { ...wanted, bindings: { ...wanted.bindings, settings } });
  } catch (error) {
    session.close();
    throw error;
  }
  return { session, restore };
}

/** A client's session: what this statement sets is undone after it. */
export async function prepareNamed(named: NamedSession, wanted: Preparation): Promise<Prepared> {
  const { session } = named;
  const { bindings } = wanted;
  const own: readonly Pair[] = [...bindings.settings, ["log_comment", wanted.logComment]];
  const restore = async () => {
    const resets = own.map(([name]) => `SET ${ident(name)} = DEFAULT`);
    resets.unshift("SET readonly = DEFAULT");
    if (wanted.database) resets.push(`USE ${ident(named.database)}`);
    for (const reset of resets) await session.run(reset, "TSV").catch(() => {});
  };
  try {
    await apply(session, { ...wanted, bindings: { ...bindings, settings: own } });
  } catch (error) {
    await restore();
    throw error;
  }
  return { session, restore };
}

/**
 * Settings given when a session is opened cost no statement. That way is used only for the settings that our own client
 * sends with everything: a wrong name or value there fails without saying why, and other options than settings exist.
 */
function openPrivate(database: Database, wanted: Preparation) {
  const { settings } = wanted.bindings;
  const logComment = { log_comment: wanted.logComment };
  const early = settings.filter(([name, value]) => name in DEFAULT_SETTINGS && /^[\w.+-]{1,64}$/.test(value));
  try {
    const session = database.open({ ...Object.fromEntries(early), ...logComment });
    return { session, settings: settings.filter((setting) => !early.includes(setting)) };
  } catch {
    return { session: database.open(logComment), settings };
  }
}

/** readonly comes last and alone: the engine checks a SET statement as a whole before it takes effect. */
async function apply(session: DatabaseSession, wanted: Preparation): Promise<void> {
  const list = (pairs: readonly Pair[]) =>
    `SET ${pairs.map(([name, value]) => `${ident(name)} = ${text(value)}`).join(", ")}`;
  const { settings, parameters } = wanted.bindings;
  const others = settings.filter(([name]) => name !== "readonly");
  const readOnly = settings.filter(([name]) => name === "readonly");
  const statements: string[] = [];
  if (wanted.database) statements.push(`USE ${ident(wanted.database)}`);
  if (parameters.length > 0) statements.push(list(parameters));
  if (others.length > 0) statements.push(list(others));
  if (readOnly.length > 0) statements.push(list(readOnly));
  else if (wanted.readOnly) statements.push("SET readonly = 2");
  if (statements.length > 0) await session.run(statements.join(";"), "TSV");
}
