/** A PostgreSQL that does not answer: one message, once, and nobody waits again. */
import { createServer, connect as dial, type Server } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, describe, expect, it } from "vitest";
import { isRetryable, ShoplakeError } from "../../../src/util/errors.ts";
import { postgresConnector } from "../../../src/util/postgres-connector.ts";
import { testPostgres } from "../../postgres.ts";

const signal = new AbortController().signal;
const postgres = await testPostgres();
afterAll(() => postgres?.stop());

async function failure(promise: Promise<unknown>): Promise<ShoplakeError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof ShoplakeError) return error;
  throw new Error(`expected a ShoplakeError, got ${error}`);
}

/** Passes what comes to a port on to PostgreSQL. */
async function door(port: number, url: string): Promise<Server> {
  const target = new URL(url);
  const server = createServer((client) => {
    const upstream = dial(Number(target.port), target.hostname);
    for (const socket of [client, upstream]) socket.on("error", () => {});
    client.pipe(upstream).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return server;
}

describe("a PostgreSQL that is down", () => {
  it("is tried as often as the options say, then not again for a moment", async () => {
    const url = "postgres://reader:verysecret@127.0.0.1:1/shop";
    const connector = postgresConnector({ url, retries: 1, role: "source" });
    const began = performance.now();
    const first = await failure(connector.probe(signal));
    expect(performance.now() - began).toBeGreaterThan(490);
    expect(first.code).toBe("source");
    expect(isRetryable(first)).toBe(false);
    expect(first.details).toMatchObject({ where: "127.0.0.1:1/shop", unreachable: true });
    expect(first.details.hint).toMatch(/Is the server running/);
    expect(JSON.stringify([first.message, first.details])).not.toContain("verysecret");
    const again = performance.now();
    const others = await Promise.all(Array.from({ length: 18 }, () => failure(connector.connect(signal))));
    expect(performance.now() - again).toBeLessThan(200);
    for (const other of others) expect(other.message).toBe(first.message);
    await connector.close();
    await connector.close();
  });

  it("ends at once when it is aborted, and counts as down for nobody", async () => {
    const connector = postgresConnector({
      url: "postgres://u@127.0.0.1:1/shop",
      retries: 10,
      role: "source",
    });
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Error("stopped")), 100);
    const began = performance.now();
    await expect(connector.connect(stop.signal)).rejects.toThrow();
    expect(performance.now() - began).toBeLessThan(2000);
  });

  it.skipIf(postgres === undefined)("is found again when it is back", async () => {
    const url = new URL(postgres?.url ?? "");
    const free = await door(0, url.href);
    const address = free.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    await new Promise((resolve) => free.close(resolve));
    const shop = new URL(url.href);
    shop.hostname = "127.0.0.1";
    shop.port = String(port);
    const connector = postgresConnector({ url: shop.href, retries: 0, role: "source" });
    await failure(connector.probe(signal));
    const server = await door(port, url.href);
    await sleep(5100);
    expect(await connector.probe(signal)).toEqual({ notes: ["not encrypted"] });
    await connector.close();
    server.close();
  });
});
