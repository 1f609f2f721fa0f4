/** The ClickHouse HTTP interface on a loopback port. */
import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createCleanup } from "./cleanup.ts";
import type { ServerContext } from "./context.ts";
import { type Exchange, execute } from "./execute.ts";
import { authenticate } from "./request.ts";
import { sendError, sendOutcome, stoppingError } from "./respond.ts";

/** A server that is not listening yet. */
export function createHttpServer(context: ServerContext): Server {
  const server = createServer(
    { maxHeaderSize: 1 << 20, keepAlive: true, requestTimeout: 0, noDelay: true },
    (request, response) => {
      handle(context, request, response).catch(() => response.destroy());
    },
  );
  server.keepAliveTimeout = 10_000;
  return server;
}

async function handle(
  context: ServerContext,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? "/", "http://localhost");
  const params = url.searchParams;
  const exchange = createExchange(request, response, params);
  response.setHeader("X-ClickHouse-Server-Display-Name", context.displayName);
  try {
    authenticate(request, params, context.token);
    if (url.pathname !== "/" || (request.method === "GET" && !params.has("query"))) {
      request.resume();
      return await sendHealth(context, url.pathname, response);
    }
    if (context.isStopping()) throw stoppingError();
    response.setHeader("X-ClickHouse-Query-Id", exchange.queryId);
    response.setHeader("X-ClickHouse-Timezone", params.get("session_timezone") || "UTC");
    const outcome = await execute(context, exchange);
    await sendOutcome(context, exchange, outcome, response);
  } catch (error) {
    await sendError(context, exchange, error, response);
  } finally {
    await exchange.cleanup.run();
    await exchange.files.run();
  }
}

function createExchange(
  request: IncomingMessage,
  response: ServerResponse,
  params: URLSearchParams,
): Exchange {
  const gone = new AbortController();
  response.on("close", () => {
    if (!response.writableFinished) gone.abort();
  });
  return {
    request,
    params,
    queryId: params.get("query_id") || randomUUID(),
    signal: gone.signal,
    cleanup: createCleanup(),
    files: createCleanup(),
  };
}

/** "Ok." only while statements work; else status 503 and why not. */
async function sendHealth(context: ServerContext, path: string, response: ServerResponse): Promise<void> {
  if (path === "/" || path === "/ping" || path === "/replicas_status") {
    const { reason, beyondRepair } = await context.health.check();
    response.writeHead(reason === undefined ? 200 : 503, { "Content-Type": "text/html; charset=UTF-8" });
    response.end(reason === undefined ? "Ok.\n" : `Statements fail: ${reason}\n`, () => {
      if (beyondRepair) context.giveUp();
    });
    return;
  }
  const text = `There is no handle ${path}\n\nUse / or /ping for health checks.\n`;
  response.writeHead(404, { "Content-Type": "text/plain; charset=UTF-8" }).end(text);
}
