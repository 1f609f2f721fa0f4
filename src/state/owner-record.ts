/** Who works on a project, as its object in the lake's store says it. */
import { z } from "zod";
import type { LakeStore } from "../lake/store/store.ts";

const identitySchema = z.object({ pid: z.number(), machine: z.string(), start: z.string() });

const ownerSchema = z.object({
  /** Unique for the life of a process: 12 characters of [0-9a-f]. */
  id: z.string(),
  /** Name of the machine, for people. */
  host: z.string(),
  /** Process id, for people; `identity` decides. */
  pid: z.number(),
  /** When the process opened the project, ISO 8601. */
  startedAt: z.string(),
  /** Tells the process from all others of its machine. */
  identity: identitySchema,
});

/** A process that works on a project, and the name of a node. */
export type OwnerRecord = Readonly<z.infer<typeof ownerSchema>>;

/** The schema of an owner inside other objects (leases). */
export const ownerShape: z.ZodType<OwnerRecord> = ownerSchema;

const folder = "_owners/";

/** Key of the owner's object. It changes with every heartbeat. */
export function ownerKey(id: string): string {
  return `${folder}${encodeURIComponent(id)}.json`;
}

/** The object's bytes; `beat` counts heartbeats: it need only differ from the one before. */
export function renderOwner(record: OwnerRecord, beat: number): Uint8Array {
  return Buffer.from(JSON.stringify({ ...record, beat }));
}

/** undefined for an empty, cut or foreign object. */
export function parseOwner(bytes: Uint8Array | undefined): OwnerRecord | undefined {
  return bytes === undefined ? undefined : parseJson(bytes, ownerSchema);
}

/** undefined when the bytes are not JSON of that shape. */
export function parseJson<T>(bytes: Uint8Array, schema: z.ZodType<T>): T | undefined {
  try {
    return schema.safeParse(JSON.parse(Buffer.from(bytes).toString("utf8"))).data;
  } catch {
    return undefined;
  }
}

/** Ids of all owners that have an object. */
export async function ownerIds(store: LakeStore): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const key of store.keys(folder)) {
    const name = /^_owners\/([^/]+)\.json$/.exec(key)?.[1];
    if (name !== undefined && !name.startsWith(".")) ids.push(decodeURIComponent(name));
  }
  return ids;
}
