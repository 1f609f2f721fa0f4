import { createServer, connect as dial, type Socket } from "node:net";

/** A door to PostgreSQL that shuts as soon as `lets` refuses a statement of the client: a message Query or Parse. */
export async function cutting(url: string, lets: () => boolean) {
  const { port, hostname } = new URL(url);
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = dial(Number(port), hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => {});
    }
    client.on("data", (bytes) => {
      if (!"QP".includes(String.fromCharCode(bytes[0] ?? 0)) || lets()) upstream.write(bytes);
      else for (const socket of [client, upstream]) socket.destroy();
    });
    client.on("close", () => upstream.destroy());
    upstream.pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const door = new URL(url);
  door.hostname = "127.0.0.1";
  door.port = String(typeof address === "object" ? address?.port : "");
  return {
    url: door.href,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
