/** The checks of `shoplake doctor` that reach out: engine, lake, sources, sinks, leases. Each failure is one finding. */
import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import type { Engine } from "../engine/engine.ts";
import type { LakeStore } from "../lake/store/store.ts";
import type { Project } from "../project/project.ts";
import type { SourceTable } from "../sources/source.ts";
import type { Owner } from "../state/owners.ts";
import { counted, duration } from "../util/amounts.ts";
import { messageOf, ShoplakeError } from "../util/errors.ts";
import type { Reached } from "../util/reached.ts";
import { ownerSpool } from "../util/spool.ts";

/** `fail`: a run would not work; `warn`: it works, but something should be looked at. */
export type Verdict = "ok" | "warn" | "fail";

/** What was examined, and how it was found. */
export interface Finding {
  /** What was examined: "engine", "lake", "source shop". */
  readonly subject: string;
  /** The worst finding decides the exit code of the command. */
  readonly verdict: Verdict;
  /** One line for a person, without what to do about it. */
  readonly message: string;
  /** What to do; absent when all is well. */
  readonly hint?: string;
}

/** An exception as a finding. */
export function failed(subject: string, error: unknown, hint?: string): Finding {
  const advice = hint ?? (error instanceof ShoplakeError ? error.details.hint : undefined);
  return {
    subject,
    verdict: "fail",
    message: messageOf(error),
    ...(advice === undefined ? {} : { hint: advice }),
  };
}

/** What an examination has of the world outside. */
export interface Examination {
  /** The environment of the process. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The time. */
  readonly clock: () => Date;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/** Engine, lake, leases, sources and sinks, one after the other. */
export async function* examineSystems(context: Examination, project: Project): AsyncGenerator<Finding> {
  const owner = yield* lakeFindings(project, context.clock);
  try {
    if (owner) yield await leaseFinding(owner);
    yield* engineFindings(context, project, owner);
  } finally {
    await owner?.close();
  }
}

/** What is made for a while, in the engine and in the spool, bears the owner's id: a run beside this one leaves it alone. */
async function* engineFindings(
  context: Examination,
  project: Project,
  owner: Owner | undefined,
): AsyncGenerator<Finding> {
  const started = context.clock().getTime();
  const { openProjectEngine } = await import("../host/host.ts");
  let engine: Engine;
  try {
    engine = await openProjectEngine(project, context.env, owner?.id);
  } catch (error) {
    yield failed("engine", error);
    return;
  }
  try {
    const took = duration(context.clock().getTime() - started);
    yield {
      subject: "engine",
      verdict: "ok",
      message: `ClickHouse ${engine.version} (${engine.kind}), ready in ${took}`,
    };
    yield* adapterFindings(context, project, engine);
  } finally {
    await rm(ownerSpool(project.stateDir, engine.owner), { recursive: true, force: true });
    await engine.close();
  }
}

/** Writes, reads and removes one small object. Gives this process as an owner, registered, where the lake can be written. */
async function* lakeFindings(
  project: Project,
  clock: Examination["clock"],
): AsyncGenerator<Finding, Owner | undefined> {
  const { openStore } = await import("../host/host.ts");
  const store = openStore(project.lake);
  const key = `_doctor/${randomUUID()}`;
  try {
    await store.create(key, new TextEncoder().encode("written by shoplake doctor"));
    const back = await store.read(key);
    await store.remove(key);
    if (back === undefined) throw new ShoplakeError("lake", "an object that was just written cannot be read");
    const owner = await registered(store, clock);
    yield { subject: "lake", verdict: "ok", message: `${store.location} can be written and read` };
    return owner;
  } catch (error) {
    yield failed("lake", error, `check lake in shoplake.config.ts: ${store.location}`);
    return undefined;
  }
}

async function registered(store: LakeStore, clock: Examination["clock"]): Promise<Owner> {
  const { openOwner } = await import("../state/owners.ts");
  const owner = openOwner({ store, startedAt: clock() });
  await owner.register();
  return owner;
}

/** Leases held now: fine while a run is going on, worth knowing when none is. One of a dead process stops nobody. */
async function leaseFinding(owner: Owner): Promise<Finding> {
  const { listLeases } = await import("../state/lease-list.ts");
  const leases = await listLeases(owner);
  const held = leases.map(({ name, holder, life, key }) => {
    const who = holder
      ? `process ${holder.owner.pid} on ${holder.owner.host} since ${holder.owner.startedAt}`
      : `nobody knows who (${key} is empty or damaged)`;
    return `${name} by ${who}${life === "dead" ? ", which is dead: the next run takes it over" : ""}`;
  });
  return {
    subject: "leases",
    verdict: "ok",
    message: held.length === 0 ? "none is held" : `held: ${held.join("; ")}`,
  };
}

/** Asks every source and sink as a run would. */
async function* adapterFindings(
  context: Examination,
  project: Project,
  engine: Engine,
): AsyncGenerator<Finding> {
  const { lazyAdapters } = await import("../host/adapters.ts");
  const { loadKinds } = await import("../host/kinds.ts");
  const adapters = lazyAdapters(project, await loadKinds());
  const { signal } = context;
  const spool = ownerSpool(project.stateDir, engine.owner);
  const reach = { engine, spool, projectDir: project.dir, signal, warn: () => {} };
  try {
    for (const [name, { kind }] of Object.entries(project.sources))
      yield await finding(`source ${name}`, kind, async () => {
        const source = adapters.source(name);
        const reached = await source.probe(reach);
        return withTables(reached, await source.tables(reach));
      });
    for (const [name, { kind }] of Object.entries(project.sinks))
      yield await finding(`sink ${name}`, kind, () => adapters.sink(name).probe(reach));
  } finally {
    await adapters.close();
  }
}

/** Says first how much there is. */
function withTables({ notes, warning }: Reached, tables: readonly SourceTable[]): Reached {
  if (tables.length === 0)
    return { notes: [], warning: { message: "no table found", hint: "check its tables or path" } };
  const columns = tables.reduce((sum, table) => sum + table.columns.length, 0);
  const what = [counted(tables.length, "table"), counted(columns, "column")];
  return { notes: [...what, ...notes], ...(warning === undefined ? {} : { warning }) };
}

async function finding(subject: string, kind: string, ask: () => Promise<Reached>): Promise<Finding> {
  try {
    const { notes, warning } = await ask();
    const said = warning === undefined ? notes : [...notes, warning.message];
    const message = `${kind}: ${said.join(", ")}`;
    if (warning === undefined) return { subject, verdict: "ok", message };
    return { subject, verdict: "warn", message, hint: warning.hint };
  } catch (error) {
    return failed(subject, error);
  }
}
