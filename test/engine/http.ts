/** Requests to the embedded engine as other clients send them, without our own client in between. */
import { type IncomingHttpHeaders, request } from "node:http";
import { buffer } from "node:stream/consumers";
import { readAddress } from "../../src/engine/discovery.ts";
import type { TestEngine } from "./harness.ts";

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Ask {
  readonly params?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  readonly method?: string;
  readonly path?: string;
  /** Default: the engine's token. */
  readonly token?: string;
}

/** One request on a connection of its own; the reply as it is on the wire. */
export async function ask(t: TestEngine, options: Ask): Promise<Reply> {
  const address = await readAddress(t.dir);
  if (!address) throw new Error("the engine is not running");
  const query = new URLSearchParams(options.params).toString();
  const headers = { "X-ClickHouse-Key": options.token ?? address.token, ...options.headers };
  const url = `${address.url}${options.path ?? "/"}?${query}`;
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method: options.method ?? "POST", headers, agent: false }, (response) => {
      buffer(response).then(
        (body) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
        reject,
      );
    });
    outgoing.on("error", reject);
    outgoing.end(options.body);
  });
}
