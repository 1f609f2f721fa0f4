/**
 * CityHash128 of version 1.0.2, the checksum of ClickHouse's compressed blocks (Google's CityHash; later versions give
 * other values). Written from the published algorithm; tested on blocks the engine itself wrote to disk.
 */
import { cityRounds, type State } from "./city-rounds.ts";

const MASK = (1n << 64n) - 1n;
const K0 = 0xc3a5c85c97cb3127n;
const K1 = 0xb492b66fbe98f273n;
const K2 = 0x9ae16a3b2f90404fn;
const K3 = 0xc949d7c7509e6557n;
const K_MUL = 0x9ddfea08eb382d69n;

type Pair = readonly [bigint, bigint];

const wrap = (value: bigint): bigint => value & MASK;
const at64 = (bytes: Buffer, at: number): bigint => bytes.readBigUInt64LE(at);
const rotate = (value: bigint, bits: bigint): bigint => wrap((value >> bits) | (value << (64n - bits)));
const shiftMix = (value: bigint): bigint => value ^ (value >> 47n);

/** Lower and higher half of the hash. */
export function cityHash128(bytes: Buffer): Pair {
  const n = bytes.length;
  if (n >= 16) return withSeed(bytes.subarray(16), [at64(bytes, 0) ^ K3, at64(bytes, 8)]);
  if (n < 8) return withSeed(bytes, [K0, K1]);
  return withSeed(Buffer.alloc(0), [at64(bytes, 0) ^ wrap(BigInt(n) * K0), at64(bytes, n - 8) ^ K1]);
}

function hash16(u: bigint, v: bigint): bigint {
  const a = shiftMix(wrap((u ^ v) * K_MUL));
  const b = shiftMix(wrap((v ^ a) * K_MUL));
  return wrap(b * K_MUL);
}

function hashUpTo16(bytes: Buffer): bigint {
  const n = bytes.length;
  const length = BigInt(n);
  if (n > 8) {
    const last = at64(bytes, n - 8);
    return hash16(at64(bytes, 0), rotate(wrap(last + length), length)) ^ last;
  }
  if (n >= 4) {
    const first = BigInt(bytes.readUInt32LE(0));
    return hash16(wrap(length + (first << 3n)), BigInt(bytes.readUInt32LE(n - 4)));
  }
  if (n === 0) return K2;
  const [first, middle, last] = [bytes.readUInt8(0), bytes.readUInt8(n >> 1), bytes.readUInt8(n - 1)];
  const y = BigInt(first + (middle << 8));
  const z = BigInt(n + (last << 2));
  return wrap(shiftMix(wrap(y * K2) ^ wrap(z * K3)) * K2);
}

function withSeed(bytes: Buffer, seed: Pair): Pair {
  return bytes.length < 128 ? short(bytes, seed) : long(bytes, seed);
}

function short(bytes: Buffer, seed: Pair): Pair {
  let [a, b] = seed;
  let c: bigint;
  let d: bigint;
  const n = bytes.length;
  if (n <= 16) {
    a = wrap(shiftMix(wrap(a * K1)) * K1);
    c = wrap(b * K1 + hashUpTo16(bytes));
    d = shiftMix(wrap(a + (n >= 8 ? at64(bytes, 0) : c)));
  } else {
    c = hash16(wrap(at64(bytes, n - 8) + K1), a);
    d = hash16(wrap(b + BigInt(n)), wrap(c + at64(bytes, n - 16)));
    a = wrap(a + d);
    for (let at = 0; at < n - 16; at += 16) {
      a = wrap((a ^ wrap(shiftMix(wrap(at64(bytes, at) * K1)) * K1)) * K1);
      b ^= a;
      c = wrap((c ^ wrap(shiftMix(wrap(at64(bytes, at + 8) * K1)) * K1)) * K1);
      d ^= c;
    }
  }
  a = hash16(a, c);
  b = hash16(d, b);
  return [a ^ b, hash16(b, a)];
}

function long(bytes: Buffer, seed: Pair): Pair {
  const n = bytes.length;
  const whole = n - (n % 128);
  let [x, y, z, v0, v1, w0, w1] = cityRounds(initialState(bytes, seed), bytes.subarray(0, whole));
  y = wrap(y + rotate(w0, 37n) * K0 + z);
  x = wrap(x + rotate(wrap(v0 + z), 49n) * K0);
  for (let done = 32; done - 32 < n - whole; done += 32) {
    const at = n - done;
    y = wrap(rotate(wrap(y - x), 42n) * K0 + v1);
    w0 = wrap(w0 + at64(bytes, at + 16));
    x = wrap(rotate(x, 49n) * K0 + w0);
    w0 = wrap(w0 + v0);
    [v0, v1] = weakHash32(bytes, at, [v0, v1]);
  }
  x = hash16(x, v0);
  y = hash16(y, w0);
  return [wrap(hash16(wrap(x + v1), w1) + y), hash16(wrap(x + w1), wrap(y + v1))];
}

function initialState(bytes: Buffer, [x, y]: Pair): State {
  const z = wrap(BigInt(bytes.length) * K1);
  const v0 = wrap(rotate(y ^ K1, 49n) * K1 + at64(bytes, 0));
  const v1 = wrap(rotate(v0, 42n) * K1 + at64(bytes, 8));
  const w0 = wrap(rotate(wrap(y + z), 35n) * K1 + x);
  const w1 = wrap(rotate(wrap(x + at64(bytes, 88)), 53n) * K1);
  return [x, y, z, v0, v1, w0, w1];
}

function weakHash32(bytes: Buffer, at: number, [first, second]: Pair): Pair {
  const a = wrap(first + at64(bytes, at));
  const b = rotate(wrap(second + a + at64(bytes, at + 24)), 21n);
  const sum = wrap(a + at64(bytes, at + 8) + at64(bytes, at + 16));
  return [wrap(sum + at64(bytes, at + 24)), wrap(b + rotate(sum, 44n) + a)];
}
