/** From a request with its statement to a result: the way a statement takes through session, slot and engine. */
import { randomUUID } from "node:crypto";
import { unlink } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { join } from "node:path";
import { openBody, readStatement, type StatementBody, spoolToFile } from "./body.ts";
import type { Cleanup } from "./cleanup.ts";
import type { ServerContext } from "./context.ts";
import { type DatabaseSession, NOTHING, type Result } from "./database.ts";
import { DatabaseError } from "./errors.ts";
import { createTables, tablePrefixes } from "./external-tables.ts";
import { helloBlock, isHello } from "./hello.ts";
import { insertFrom } from "./insert.ts";
import type { Part } from "./multipart.ts";
import { prepareNamed, preparePrivate } from "./prepare.ts";
import { refuseHarm, refuseIn } from "./protect.ts";
import { isQuery, logComment, withQueryIds } from "./query-id.ts";
import { bindingsOf, databaseOf, defaultFormat, isTrue, laneOf } from "./request.ts";
import { type StreamedResult, selectInto, spoolResult, streamResult } from "./select.ts";

/** One request and what has to be undone after it. */
export interface Exchange {
  /** The request; its body may not have been read yet. */
  readonly request: IncomingMessage;
  /** Parameters of the URL, later also of form fields. */
  readonly params: URLSearchParams;
  /** The client's id of the statement, or a random one. */
  readonly queryId: string;
  /** Aborted when the client goes away before its answer is complete. */
  readonly signal: AbortSignal;
  /** Run before the last byte of the answer: slot, session, query id. */
  readonly cleanup: Cleanup;
  /** Run after the last byte: files. */
  readonly files: Cleanup;
}

/** A request that was read as far as its statement. */
interface Statement extends Exchange {
  readonly tables: readonly Part[];
}

/** The result of a statement, on its way to the client. */
export interface Outcome extends StreamedResult {
  /** Format of the result; undefined when the statement has none. */
  readonly format: string | undefined;
  /** True for an INSERT: the summary tells rows written. */
  readonly writes: boolean;
}

/** Statements other than SELECT that answer with rows. */
const WITH_RESULT = new Set(["SHOW", "DESC", "DESCRIBE", "EXISTS", "EXPLAIN", "CHECK", "KILL"]);

/** Milliseconds between two KILLs of a statement whose client is gone. */
const KILL_EVERY_MS = 250;

/** Runs the statement of a request. Throws the engine's error, or a DatabaseError of the interface itself. */
export async function execute(context: ServerContext, received: Exchange): Promise<Outcome> {
  const { request } = received;
  const { stream, params, tables, text } = await openBody(request, received.params);
  const exchange: Statement = { ...received, params, tables };
  const body = await readStatement(text, stream);
  refuse(body);
  if (isHello(body.bytes.toString("latin1"), params))
    return { ...whole({ ...NOTHING, bytes: helloBlock(context) }), format: "Native", writes: false };
  claimQueryId(context, exchange);
  const { statement } = body;
  const outside = laneOf(request) === undefined;
  const dependsOnDatabase = refuseHarm(statement, { outside, params });
  const format = statement.format?.name ?? defaultFormat(request, params);
  if (statement.kind === "insert") return insertData(context, exchange, body);
  const { session, slot } = await start(context, exchange);
  killWhenGone(context, exchange);
  if (dependsOnDatabase) refuseIn(await currentDatabase(session), { outside });
  if (statement.kind === "command") {
    const sql = withQueryIds(body.bytes, statement, statement.end);
    if (statement.first === "INSERT")
      return { ...whole(await session.insert(sql)), format: undefined, writes: true };
    const result = await session.run(sql, format);
    const hasResult = result.bytes.length > 0 || WITH_RESULT.has(statement.first);
    return { ...whole(result), format: hasResult ? format : undefined, writes: false };
  }
  const streamed = await runSelect(context, exchange, body, { session, slot, format });
  return { ...streamed, format, writes: false };
}

async function currentDatabase(session: DatabaseSession): Promise<string> {
  return (await session.run("SELECT currentDatabase()", "TSVRaw")).bytes.toString().trimEnd();
}

interface Running {
  readonly session: DatabaseSession;
  readonly slot: number;
  readonly format: string;
}

async function runSelect(
  context: ServerContext,
  exchange: Exchange,
  body: StatementBody,
  running: Running,
): Promise<StreamedResult> {
  const { params } = exchange;
  const spool = isTrue(params.get("wait_end_of_query")) || Number(params.get("buffer_size") ?? 0) > 0;
  const target = spool ? temporaryFile(context, exchange) : (context.pipes[running.slot] ?? "");
  const sql = selectInto(body.bytes, body.statement, running.format, target);
  return spool
    ? spoolResult(running.session, sql, target)
    : streamResult(running.session, sql, target, exchange.signal);
}

/** The data are on disk before a slot is taken: a slow sender never blocks others, a broken one inserts nothing. */
async function insertData(
  context: ServerContext,
  exchange: Statement,
  body: StatementBody,
): Promise<Outcome> {
  const { insert } = body.statement;
  if (!insert) throw new DatabaseError(49, "An insert without data", "LOGICAL_ERROR");
  const file = temporaryFile(context, exchange);
  const size = await spoolToFile(file, body.bytes.subarray(insert.data), body.rest);
  const { session } = await start(context, exchange);
  const sql = insertFrom(body.bytes, insert, file);
  const result = await session.insert(sql).catch((error: unknown) => {
    if (size === 0 && isNoData(error)) return NOTHING;
    throw error;
  });
  return { ...whole(result), format: undefined, writes: true };
}

/** Code 108, NO_DATA_TO_INSERT: an empty body is a success. */
function isNoData(error: unknown): boolean {
  return error instanceof Error && /^Code: 108\./.test(error.message);
}

function whole(result: Result): StreamedResult {
  return { head: result.bytes, rest: undefined, end: Promise.resolve(result) };
}

function refuse({ statement }: StatementBody): void {
  if (statement.kind === "empty")
    throw new DatabaseError(
      62,
      "Syntax error: failed at position 1 (end of query): empty query",
      "SYNTAX_ERROR",
    );
  if (statement.multiple)
    throw new DatabaseError(62, "Syntax error (Multi-statements are not allowed)", "SYNTAX_ERROR");
  if (statement.clientFile)
    throw new DatabaseError(
      344,
      "INTO OUTFILE and FROM INFILE are not allowed over HTTP",
      "SUPPORT_IS_DISABLED",
    );
}

function claimQueryId({ live }: ServerContext, { queryId, cleanup }: Exchange): void {
  if (live.has(queryId))
    throw new DatabaseError(
      216,
      `Query with id = ${queryId} is already running`,
      "QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING",
    );
  live.add(queryId);
  cleanup.defer(() => live.delete(queryId));
}

/** Takes the session's lock, then a slot, then prepares the session. All of it is released by `cleanup`. */
async function start(context: ServerContext, exchange: Statement) {
  const { params, cleanup, request } = exchange;
  const sessionId = params.get("session_id");
  const taken = sessionId ? context.sessions.take(sessionId, params) : undefined;
  if (taken) cleanup.defer(taken.done);
  const slot = await context.slots.acquire(laneOf(request) ?? "interactive", exchange.signal);
  cleanup.defer(() => context.slots.release(slot));
  const wanted = {
    bindings: bindingsOf(params, tablePrefixes(exchange.tables)),
    database: databaseOf(request, params),
    logComment: logComment(exchange.queryId, params.get("log_comment") ?? ""),
    readOnly: request.method === "GET" && !params.has("readonly"),
  };
  const preparing = taken ? prepareNamed(taken.named, wanted) : preparePrivate(context.database, wanted);
  const prepared = await preparing.catch((error: unknown) => {
    repairSoon(context);
    throw error;
  });
  cleanup.defer(prepared.restore);
  const { session } = prepared;
  await createTables(exchange.tables, { session, params, spoolDir: context.spoolDir, cleanup });
  return { session, slot };
}

/** A statement that could not even begin may be the first to see that the engine is broken; mostly a setting is wrong. */
function repairSoon({ health, giveUp }: ServerContext): void {
  void health.check().then(({ beyondRepair }) => {
    if (beyondRepair) giveUp();
  });
}

/** Closing a pipe does not stop a statement; KILL does, and is repeated until the statement has ended. */
function killWhenGone({ database }: ServerContext, { queryId, signal, cleanup }: Exchange): void {
  let timer: NodeJS.Timeout | undefined;
  const kill = () => {
    database.kill(isQuery(queryId)).catch(() => {});
    timer = setTimeout(kill, KILL_EVERY_MS);
  };
  signal.addEventListener("abort", kill, { once: true });
  cleanup.defer(() => {
    clearTimeout(timer);
    signal.removeEventListener("abort", kill);
  });
}

function temporaryFile({ spoolDir }: ServerContext, { files }: Exchange): string {
  const path = join(spoolDir, randomUUID());
  files.defer(() => unlink(path));
  return path;
}
