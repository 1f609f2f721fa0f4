/** A TCP proxy that holds the answers of a server back after some bytes: what happens next happens in the middle of a transfer. */

import type { AddressInfo } from "node:net";
import { connect, createServer, type Socket } from "node:net";

export interface Gate {
  readonly port: number;
  /** Holds back what the server sends after this many more bytes. Resolves when it is so far. */
  closeAfter(bytes: number): Promise<void>;
  /** Lets everything through again. */
  open(): void;
  stop(): Promise<void>;
}

export async function gateTo(port: number): Promise<Gate> {
  let left = Number.POSITIVE_INFINITY;
  let reached: () => void = () => {};
  const held = new Set<Socket>();
  const server = createServer((inside) => {
    const outside = connect(port, "127.0.0.1");
    const end = (): void => {
      inside.destroy();
      outside.destroy();
    };
    for (const socket of [inside, outside]) {
      socket.on("error", end);
      socket.on("close", end);
    }
    inside.pipe(outside);
    outside.on("data", (chunk: Buffer) => {
      left -= chunk.length;
      if (!inside.write(chunk)) {
        outside.pause();
        inside.once("drain", () => left > 0 && outside.resume());
      }
      if (left > 0) return;
      outside.pause();
      held.add(outside);
      reached();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const open = (): void => {
    left = Number.POSITIVE_INFINITY;
    for (const socket of held) socket.resume();
    held.clear();
  };
  return {
    port: (server.address() as AddressInfo).port,
    closeAfter: (bytes) =>
      new Promise((resolve) => {
        left = bytes;
        reached = resolve;
      }),
    open,
    async stop() {
      open();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
