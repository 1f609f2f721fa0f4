/** The objects of one lease in the store: their names, what they say, and how they are listed. */
import { z } from "zod";
import type { LakeStore } from "../lake/store/store.ts";
import { type OwnerRecord, ownerShape, parseJson } from "./owner-record.ts";
import type { ProcessIdentity } from "./process-identity.ts";

/** `append`: several at a time. `rewrite`: alone. */
export type LeaseMode = "append" | "rewrite";

/** What a lease object says. */
export interface Ticket {
  /** Whether this owner lives decides whether the lease is still held. */
  readonly owner: OwnerRecord;
  /** What it is held for: "run 4f2c", "maintain". */
  readonly purpose: string;
  /** Which others it has to wait for. */
  readonly mode: LeaseMode;
  /** Tells two leases of one process apart, also when the answer of `create` was lost. */
  readonly nonce: string;
}

const ticketSchema: z.ZodType<Ticket> = z.object({
  owner: ownerShape,
  purpose: z.string(),
  mode: z.enum(["append", "rewrite"]),
  nonce: z.string(),
});

/** As version 0.1.0 wrote it: without an owner; it was always exclusive. */
const oldTicketSchema = z.object({
  pid: z.number(),
  host: z.string(),
  startedAt: z.string(),
  runId: z.string(),
  nonce: z.string(),
  identity: z.object({ pid: z.number(), machine: z.string(), start: z.string() }),
});

/** JSON in UTF-8; `parseTicket` reads it. */
export function renderTicket(ticket: Ticket): Uint8Array {
  return Buffer.from(JSON.stringify(ticket));
}

/** undefined for an empty, cut or foreign object. */
export function parseTicket(bytes: Uint8Array): Ticket | undefined {
  const ticket = parseJson(bytes, ticketSchema);
  if (ticket !== undefined) return ticket;
  const old = parseJson<z.infer<typeof oldTicketSchema>>(bytes, oldTicketSchema);
  if (old === undefined) return undefined;
  const { pid, host, startedAt, nonce, runId } = old;
  const identity: ProcessIdentity = old.identity;
  const owner = { id: `before-${nonce}`, host, pid, startedAt, identity };
  return { owner, purpose: `run ${runId}`, mode: "rewrite", nonce };
}

/** Where the leases of a project are kept. */
export const leaseRoot = "_leases/";

/** Folder of the objects of one lease. */
export function leaseFolder(name: string): string {
  return `${leaseRoot}${encodeURIComponent(name)}/`;
}

/** Key of an object of number `n`. */
export function leaseKey(name: string, n: number, part: "lease" | "released"): string {
  return `${leaseFolder(name)}${String(n).padStart(12, "0")}.${part}`;
}

/** What a listing says of one lease. */
export interface Numbers {
  /** The highest number; 0 without one. */
  readonly top: number;
  /** Numbers with a lease object, ascending. */
  readonly all: readonly number[];
  /** Those that were released, or whose holder was found dead. */
  readonly released: ReadonlySet<number>;
  /** All keys of a number. */
  readonly keys: ReadonlyMap<number, readonly string[]>;
}

/** One listing. What comes or goes while it runs may be missing; what is there all the time is not. */
export async function listNumbers(store: LakeStore, name: string): Promise<Numbers> {
  const keys: string[] = [];
  for await (const key of store.keys(leaseFolder(name))) keys.push(key);
  return numbersOf(keys);
}

/** The numbers among the keys of one lease. More than 15 digits are none of ours. */
export function numbersOf(found: readonly string[]): Numbers {
  const all: number[] = [];
  const released = new Set<number>();
  const keys = new Map<number, string[]>();
  for (const key of found) {
    const match = /\/(\d{1,15})\.(lease|beat|released)$/.exec(key);
    if (match === null) continue;
    const n = Number(match[1]);
    keys.set(n, [...(keys.get(n) ?? []), key]);
    if (match[2] === "lease") all.push(n);
    if (match[2] === "released") released.add(n);
  }
  all.sort((a, b) => a - b);
  return { top: all.at(-1) ?? 0, all, released, keys };
}
