/**
 * A TCP socket that receives into a few buffers and uses them again. Node otherwise makes a buffer for every piece, outside of its
 * heap, and collects garbage after every hundred of them: a third of the CPU of receiving a large table.
 */
import { type OnReadOpts, Socket, type SocketConstructorOpts } from "node:net";

/** `bytes` may be used until `release` was called, and not after. */
export type Receiver = (bytes: Buffer, release: () => void) => void;
type DataListener = (bytes: Buffer) => void;

const bufferBytes = 65_536;
const receivers = new WeakMap<Socket, Receiver>();

/** Not connected yet. Listeners of `data` get copies, which they may keep. */
export function reusingSocket(): Socket {
  const free: Buffer[] = [];
  const onread: OnReadOpts = {
    buffer: () => free.pop() ?? Buffer.allocUnsafeSlow(bufferBytes),
    callback(length, buffer) {
      const bytes = (buffer as Buffer).subarray(0, length);
      const release = () => void free.push(buffer as Buffer);
      const receive = receivers.get(socket) ?? copyToListeners;
      receive(bytes, release);
      return true;
    },
  };
  const copyToListeners: Receiver = (bytes, release) => {
    socket.emit("data", Buffer.from(bytes));
    release();
  };
  const socket = new Socket({ onread } as SocketConstructorOpts);
  return socket;
}

/**
 * Gives what any socket receives to `receive` instead of its listeners of `data`. The function returned ends that, and gives them
 * what it is called with.
 */
export function divert(socket: Socket, receive: Receiver): (rest?: Buffer) => void {
  const listeners = socket.listeners("data") as DataListener[];
  const onData = (bytes: Buffer) => receive(bytes, () => {});
  for (const listener of listeners) socket.off("data", listener);
  socket.on("data", onData);
  receivers.set(socket, receive);
  let diverted = true;
  return (rest) => {
    if (!diverted) return;
    diverted = false;
    receivers.delete(socket);
    socket.off("data", onData);
    for (const listener of listeners) socket.on("data", listener);
    if (rest !== undefined) socket.emit("data", rest);
  };
}
