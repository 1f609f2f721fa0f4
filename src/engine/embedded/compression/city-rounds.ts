/**
 * The inner loop of CityHash128 in WebAssembly: 64-bit arithmetic that JavaScript only has as BigInt, which is a hundred
 * times slower. The module is put together here from its few instructions, so there is no binary in the repository.
 */

type Code = readonly number[];

/** LEB128, unsigned and signed (WebAssembly core specification, 5.2.2). */
function unsigned(value: number): Code {
  return value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)];
}
function signed(value: bigint): Code {
  const low = Number(value & 127n);
  const rest = value >> 7n;
  const done = (rest === 0n && low < 64) || (rest === -1n && low >= 64);
  return done ? [low] : [low | 128, ...signed(rest)];
}

const get = (local: number): Code => [0x20, local];
const set = (local: number, value: Code): Code => [...value, 0x21, local];
const constant = (value: bigint): Code => [0x42, ...signed(BigInt.asIntN(64, value))];
const add = (first: Code, ...more: Code[]): Code => [...first, ...more.flatMap((term) => [...term, 0x7c])];
const multiply = (a: Code, b: Code): Code => [...a, ...b, 0x7e];
const xor = (a: Code, b: Code): Code => [...a, ...b, 0x85];
const rotate = (a: Code, bits: bigint): Code => [...a, ...constant(bits), 0x8a];
const load = (base: number, offset: number): Code => [...get(base), 0x29, 0, ...unsigned(offset)];
const store = (offset: number, value: Code): Code => [0x41, 0, ...value, 0x37, 0, ...unsigned(offset)];

/** Local variables of the function; the first two are its parameters. */
const [AT, COUNT, X, Y, Z, V0, V1, W0, W1, SWAP] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] as const;
const STATE = [X, Y, Z, V0, V1, W0, W1] as const;
const K1 = 0xb492b66fbe98f273n;

/** Mixes 32 bytes from `offset` on with two seeds into the pair (first, second). */
function weakHash32(offset: number, first: number, second: number): Code {
  return [
    ...set(first, add(get(first), load(AT, offset))),
    ...set(second, rotate(add(get(second), get(first), load(AT, offset + 24)), 21n)),
    ...set(SWAP, get(first)),
    ...set(first, add(get(first), load(AT, offset + 8), load(AT, offset + 16))),
    ...set(second, add(get(second), rotate(get(first), 44n), get(SWAP))),
    ...set(first, add(get(first), load(AT, offset + 24))),
  ];
}

/** One round takes 64 bytes. */
function round(at: number): Code {
  const k1 = constant(K1);
  return [
    ...set(X, multiply(rotate(add(get(X), get(Y), get(V0), load(AT, at + 16)), 37n), k1)),
    ...set(Y, multiply(rotate(add(get(Y), get(V1), load(AT, at + 48)), 42n), k1)),
    ...set(X, xor(get(X), get(W1))),
    ...set(Y, xor(get(Y), get(V0))),
    ...set(Z, rotate(xor(get(Z), get(W0)), 33n)),
    ...set(V0, multiply(get(V1), k1)),
    ...set(V1, add(get(X), get(W0))),
    ...weakHash32(at, V0, V1),
    ...set(W0, add(get(Z), get(W1))),
    ...set(W1, get(Y)),
    ...weakHash32(at + 32, W0, W1),
    ...set(SWAP, get(Z)),
    ...set(Z, get(X)),
    ...set(X, get(SWAP)),
  ];
}

function moduleBytes(): Uint8Array<ArrayBuffer> {
  const loop: Code = [
    ...[0x03, 0x40],
    ...round(0),
    ...round(64),
    ...[...get(AT), 0x41, ...signed(128n), 0x6a, 0x21, AT],
    ...[...get(COUNT), 0x41, 1, 0x6b, 0x22, COUNT, 0x0d, 0],
    0x0b,
  ];
  const body: Code = [
    ...[1, 8, 0x7e],
    ...STATE.flatMap((local, i) => set(local, [0x41, 0, 0x29, 0, ...unsigned(i * 8)])),
    ...loop,
    ...STATE.flatMap((local, i) => store(i * 8, get(local))),
    0x0b,
  ];
  const section = (id: number, content: Code): Code => [id, ...unsigned(content.length), ...content];
  const name = (text: string): Code => [text.length, ...Buffer.from(text)];
  return new Uint8Array([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 2, 0x7f, 0x7f, 0]),
    ...section(3, [1, 0]),
    ...section(5, [1, 0, 17]),
    ...section(7, [2, ...name("memory"), 2, 0, ...name("rounds"), 0, 0]),
    ...section(10, [1, ...unsigned(body.length), ...body]),
  ]);
}

/** State in memory: seven words. Data come behind it. */
const DATA_AT = 64;
/** Bytes hashed by one call into the module: what fits behind the state in its 17 pages. */
const PIECE = 1 << 20;

/** The running state of a hash, 64 bits each. */
export type State = [x: bigint, y: bigint, z: bigint, v0: bigint, v1: bigint, w0: bigint, w1: bigint];

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly rounds: (at: number, count: number) => void;
}
let instance: Exports | undefined;

/** The part of the WebAssembly interface used here; TypeScript has it only with the types of browsers. */
const { WebAssembly: wasm } = globalThis as unknown as {
  readonly WebAssembly: {
    readonly Module: new (bytes: Uint8Array) => object;
    readonly Instance: new (module: object) => { readonly exports: unknown };
  };
};

/** Takes `bytes`, whose length is a multiple of 128 and not zero, into the state. */
export function cityRounds(state: State, bytes: Buffer): State {
  instance ??= new wasm.Instance(new wasm.Module(moduleBytes())).exports as Exports;
  const words = new BigUint64Array(instance.memory.buffer, 0, STATE.length);
  const data = new Uint8Array(instance.memory.buffer, DATA_AT, PIECE);
  words.set(state);
  for (let at = 0; at < bytes.length; at += PIECE) {
    const piece = bytes.subarray(at, at + PIECE);
    data.set(piece);
    instance.rounds(DATA_AT, piece.length / 128);
  }
  return [...words] as State;
}
