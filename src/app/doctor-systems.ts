/** The checks of `shoplake doctor` that reach out: engine, lake, sources, sinks, leases. Each failure is one finding. */
import { randomUUID } from "node:crypto";
import { access, constants, mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import type { Engine } from "../engine/engine.ts";
import type { LakeStore } from "../lake/store/store.ts";
import type { AdapterConfig, Project, Secret } from "../project/project.ts";
import { ownerSpool } from "../runs/index.ts";
import type { Source } from "../sources/source.ts";
import { counted, duration } from "../util/amounts.ts";
import { messageOf, ShoplakeError } from "../util/errors.ts";
import type { PostgresTls } from "../util/postgres-tls.ts";

export type Verdict = "ok" | "warn" | "fail";

export interface Finding {
  readonly subject: string;
  readonly verdict: Verdict;
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
  const store = yield* lakeFindings(project);
  if (store) yield await leaseFinding(store, context.clock);
  const started = context.clock().getTime();
  const { openEngine } = await import("../engine/open.ts");
  const { stateDir, engine: config } = project;
  let engine: Engine;
  try {
    engine = await openEngine({ stateDir, config, env: context.env });
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
    yield* sourceFindings(context, project, engine);
  } finally {
    await engine.close();
  }
  for (const [name, sink] of Object.entries(project.sinks)) yield await sinkFinding(name, sink, project.dir);
}

/** Writes, reads and removes one small object. */
async function* lakeFindings(project: Project): AsyncGenerator<Finding, LakeStore | undefined> {
  const store = await openLakeStore(project);
  const key = `_doctor/${randomUUID()}`;
  try {
    await store.create(key, new TextEncoder().encode("written by shoplake doctor"));
    const back = await store.read(key);
    await store.remove(key);
    if (back === undefined) throw new ShoplakeError("lake", "an object that was just written cannot be read");
    yield { subject: "lake", verdict: "ok", message: `${store.location} can be written and read` };
    return store;
  } catch (error) {
    yield failed("lake", error, `check lake in shoplake.config.ts: ${store.location}`);
    return undefined;
  }
}

async function openLakeStore({ lake }: Project): Promise<LakeStore> {
  if (lake.kind === "local") return (await import("../lake/store/local.ts")).localStore(lake.path);
  return (await import("../lake/store/s3.ts")).s3Store(lake);
}

/** Leases held now: fine while a run is going on, worth knowing when none is. */
async function leaseFinding(store: LakeStore, clock: () => Date): Promise<Finding> {
  const { leaseHolder } = await import("../state/lease.ts");
  const names = new Set<string>();
  for await (const key of store.keys("_leases/")) names.add(decodeURIComponent(key.split("/")[1] ?? ""));
  const held: string[] = [];
  for (const name of names) {
    const holder = await leaseHolder(store, name, { clock });
    if (holder) held.push(`${name} by process ${holder.pid} on ${holder.host} since ${holder.startedAt}`);
  }
  return {
    subject: "leases",
    verdict: "ok",
    message: held.length === 0 ? "none is held" : `held: ${held.join("; ")}`,
  };
}

async function* sourceFindings(
  context: Examination,
  project: Project,
  engine: Engine,
): AsyncGenerator<Finding> {
  const { openSource } = await import("../sources/registry.ts");
  const { signal } = context;
  const reach = {
    engine,
    spool: ownerSpool(project.stateDir, engine.owner),
    projectDir: project.dir,
    signal,
    warn: () => {},
  };
  for (const [name, adapter] of Object.entries(project.sources)) {
    const subject = `source ${name}`;
    let source: Source | undefined;
    try {
      source = openSource(name, adapter);
      const tables = await source.tables(reach);
      const columns = tables.reduce((sum, table) => sum + table.columns.length, 0);
      const what = `${counted(tables.length, "table")}, ${counted(columns, "column")}`;
      yield tables.length > 0
        ? await connectedFinding(subject, adapter, what)
        : {
            subject,
            verdict: "warn",
            message: `${adapter.kind}: no table found`,
            hint: "check its tables or path",
          };
    } catch (error) {
      yield failed(subject, error);
    } finally {
      await source?.close();
    }
  }
}

async function sinkFinding(name: string, sink: AdapterConfig, projectDir: string): Promise<Finding> {
  const subject = `sink ${name}`;
  const { url, tls, directory } = sink.config as DatabasePlace & { readonly directory?: string };
  try {
    if (url) {
      const { connectPostgres } = await import("../util/postgres.ts");
      const client = await connectPostgres({ url: url.reveal(), tls, retries: 0, role: "sink" });
      await client.end();
      return await connectedFinding(subject, sink, "connected");
    }
    const folder = resolve(projectDir, directory ?? ".");
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
    return { subject, verdict: "ok", message: `${sink.kind}: ${folder} is writable` };
  } catch (error) {
    return failed(subject, error);
  }
}

/** Options of adapters that connect to a database. */
interface DatabasePlace {
  readonly url?: Secret;
  readonly tls?: PostgresTls;
}

/** Says of a database also whether others on the way could read along, or answer in its place. */
async function connectedFinding(subject: string, adapter: AdapterConfig, what: string): Promise<Finding> {
  const message = `${adapter.kind}: ${what}`;
  const { url, tls: given } = adapter.config as DatabasePlace;
  if (url === undefined) return { subject, verdict: "ok", message };
  const { postgresTls } = await import("../util/postgres-tls.ts");
  const { tls } = postgresTls(url.reveal(), given);
  if (tls === false) return { subject, verdict: "ok", message: `${message}, not encrypted` };
  if (tls.rejectUnauthorized !== false) return { subject, verdict: "ok", message: `${message}, encrypted` };
  return {
    subject,
    verdict: "warn",
    message: `${message}, encrypted, but any certificate is taken`,
    hint: "give the certificate of the server's authority as tls: { ca }",
  };
}
