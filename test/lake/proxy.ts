/** A proxy before the S3 server that loses answers, as networks do. */
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * "pass": forward. "lose": forward, then cut the connection before the answer. "drop": cut without forwarding.
 * "500 done", "500 undone": answer 500 after or without forwarding. "late": cut at once, forward a little later.
 */
export type Fault = "pass" | "lose" | "drop" | "500 done" | "500 undone" | "late";

export interface Proxy {
  readonly endpoint: string;
  stop(): Promise<void>;
}

/** `fault` decides for every request. */
export async function startProxy(
  target: string,
  fault: (method: string, path: string) => Fault,
): Promise<Proxy> {
  const to = new URL(target);
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => {
      const { method = "GET", url = "/", headers } = incoming;
      const what = fault(method, url);
      const fail = () => {
        if (what.startsWith("500")) outgoing.writeHead(500).end("<Error><Code>InternalError</Code></Error>");
        else incoming.socket.destroy();
      };
      if (what === "drop" || what === "500 undone") {
        fail();
        return;
      }
      const forward = () => {
        const sent = request({ host: to.hostname, port: to.port, method, path: url, headers }, (answer) => {
          if (what === "pass") {
            outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
            answer.pipe(outgoing);
            return;
          }
          answer.resume();
          answer.on("end", () => what !== "late" && fail());
        });
        sent.on("error", () => incoming.socket.destroy());
        sent.end(Buffer.concat(chunks));
      };
      if (what === "late") {
        incoming.socket.destroy();
        setTimeout(forward, 40);
      } else forward();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
