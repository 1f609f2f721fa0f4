/** A lake in a bucket of S3 or of anything that speaks it and honours `If-None-Match: *` (MinIO, versitygw, R2, ...). */
import { Buffer } from "node:buffer";
import { text } from "../../engine/sql.ts";
import type { Secret } from "../../project/project.ts";
import { ShoplakeError } from "../../util/errors.ts";
import { braces } from "../braces.ts";
import { type S3Request, s3Client } from "./s3-client.ts";
import { parseListing } from "./s3-listing.ts";
import type { LakeStore, StoredObject } from "./store.ts";

/** A place in a bucket, and the keys to it. */
export interface S3Options {
  /** "https://s3.eu-central-1.amazonaws.com", "http://127.0.0.1:9000". The bucket is addressed by path. */
  readonly endpoint: string;
  /** Part of the signature; many other stores take any: "us-east-1". */
  readonly region: string;
  /** It must exist. */
  readonly bucket: string;
  /** Folder inside the bucket, "" for none. */
  readonly prefix: string;
  /** Shown nowhere. */
  readonly accessKeyId: Secret;
  /** Shown nowhere. */
  readonly secretAccessKey: Secret;
  /** The engine's named collection with the same place and keys (s3Collection). Default "shoplake_lake". */
  readonly collection?: string;
}

/**
 * The engine reads and writes through a named collection of its configuration, so no key is written in SQL text:
 * start it with `s3: { shoplake_lake: ... }`. Requests are never repeated when that could do something twice.
 */
export function s3Store(options: S3Options): LakeStore {
  const request = s3Client(options);
  const prefix = options.prefix.replace(/^\/+|\/+$/g, "");
  const root = prefix === "" ? "" : `${prefix}/`;
  const collection = options.collection ?? "shoplake_lake";
  const enginePath = (key: string) => key.replaceAll("%", "%25");
  return {
    location: `s3://${options.bucket}${prefix === "" ? "" : `/${prefix}`}`,
    failsOnMissing: true,
    seeks: true,
    read: (key) => readObject(request, root + key),
    async exists(key) {
      const call = { method: "HEAD", key: root + key, repeatable: true, accept: [404] } as const;
      return (await request(call)).ok;
    },
    create: (key, bytes) => createObject(request, root + key, bytes),
    async replace(key, bytes) {
      await request({ method: "PUT", key: root + key, body: bytes, repeatable: true });
    },
    list: (start, after) => listObjects(request, root, start, after),
    async *keys(start, after) {
      for await (const { key } of listObjects(request, root, start, after)) yield key;
    },
    async remove(key) {
      await request({ method: "DELETE", key: root + key, repeatable: true, accept: [404] });
    },
    async persist() {},
    tableFunction: (keys, format, structure) =>
      `s3(${collection}, filename = ${text(enginePath(braces(keys)))}, format = ${text(format)}${structure === undefined ? "" : `, structure = ${text(structure)}`})`,
    deltaFunction: (folder) => `deltaLake(${collection}, filename = ${text(enginePath(folder))})`,
    keyOf: (path) => path.slice(`${options.bucket}/${root}`.length),
  };
}

async function readObject(request: S3Request, key: string): Promise<Uint8Array | undefined> {
  const response = await request({ method: "GET", key, repeatable: true, accept: [404] });
  if (response.status === 404) {
    await response.body?.cancel();
    return undefined;
  }
  return Buffer.from(await response.arrayBuffer());
}

/** 412: the object is there. 409: another conditional request is under way, so the outcome is open. */
async function createObject(request: S3Request, key: string, bytes: Uint8Array): Promise<boolean> {
  const response = await request({
    method: "PUT",
    key,
    body: bytes,
    headers: { "If-None-Match": "*" },
    repeatable: false,
    accept: [409, 412],
  });
  await response.body?.cancel();
  if (response.status === 409)
    throw new ShoplakeError("io", "the store is busy with another write of the same object", {
      where: key,
      retryable: true,
    });
  return response.status !== 412;
}

async function* listObjects(
  request: S3Request,
  root: string,
  prefix: string,
  after: string | undefined,
): AsyncIterable<StoredObject> {
  let token: string | undefined;
  do {
    const query: Record<string, string> = { "list-type": "2", prefix: root + prefix };
    if (token !== undefined) query["continuation-token"] = token;
    else if (after !== undefined && after !== "") query["start-after"] = root + after;
    const response = await request({ method: "GET", key: "", query, repeatable: true });
    const page = parseListing(await response.text());
    for (const object of page.objects) {
      const key = object.key.slice(root.length);
      if (!key.endsWith("/")) yield { ...object, key };
    }
    token = page.next;
  } while (token !== undefined);
}
