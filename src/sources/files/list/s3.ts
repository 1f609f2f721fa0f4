/** Objects of an S3 bucket: listed and read by signed requests, by path ("<endpoint>/<bucket>/<key>"). */
import { Readable } from "node:stream";
import type { ReadableStream } from "node:stream/web";
import { AwsClient } from "aws4fetch";
import type { S3Access } from "../../../project/options.ts";
import { ShoplakeError } from "../../../util/errors.ts";
import { glob } from "./glob.ts";
import type { StoredFile } from "./local.ts";

/** Objects whose key matches, ordered by key, listed in pages of at most 1000. `pattern` is "s3://bucket/prefix/*.csv"; `_file` is the key. */
export async function listS3(
  pattern: string,
  access: S3Access,
  signal: AbortSignal,
  pageSize = 1000,
): Promise<StoredFile[]> {
  const { bucket, keys } = placeOf(pattern);
  const wanted = glob(keys);
  const get = requester(access, bucket, signal);
  const files: StoredFile[] = [];
  let token: string | undefined;
  do {
    const page = await listPage(get, { prefix: wanted.base, pageSize, token });
    for (const object of page.objects)
      if (wanted.matches(object.key)) files.push(toFile(object, (key) => get(encodeKey(key), {})));
    token = page.next;
  } while (token !== undefined);
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Asks for one object of the bucket. Gives "s3://bucket/prefix"; throws `source` when there is no answer or no access. */
export async function reachS3(pattern: string, access: S3Access, signal: AbortSignal): Promise<string> {
  const { bucket, keys } = placeOf(pattern);
  const prefix = glob(keys).base;
  await listPage(requester(access, bucket, signal), { prefix, pageSize: 1, token: undefined });
  return `s3://${bucket}/${prefix}`;
}

function placeOf(pattern: string): { readonly bucket: string; readonly keys: string } {
  const [, bucket = "", keys = ""] = /^s3:\/\/([^/]+)\/(.+)$/.exec(pattern) ?? [];
  if (bucket !== "") return { bucket, keys };
  throw new ShoplakeError("config", `${pattern} names no objects.`, {
    allowed: "s3://<bucket>/<key pattern>",
  });
}

type Get = (key: string, query: Record<string, string>) => Promise<Response>;

interface S3Object {
  readonly key: string;
  readonly size: number;
  readonly etag: string;
  readonly modified: number;
}

function requester(access: S3Access, bucket: string, signal: AbortSignal): Get {
  const client = new AwsClient({
    accessKeyId: access.accessKeyId.reveal(),
    secretAccessKey: access.secretAccessKey.reveal(),
    region: access.region,
    service: "s3",
    retries: 3,
  });
  const root = `${access.endpoint.replace(/\/+$/, "")}/${encodeURIComponent(bucket)}`;
  return async (key, query) => {
    const where = `s3://${bucket}/${decodeURIComponent(key)}`;
    const url = `${root}/${key}${Object.keys(query).length === 0 ? "" : `?${new URLSearchParams(query)}`}`;
    const response = await client.fetch(url, { signal }).catch((cause: unknown) => {
      throw new ShoplakeError("source", `No answer from ${access.endpoint}.`, {
        where,
        hint: "Is the store running, and is `endpoint` in the source's `s3` options right?",
        retryable: true,
        cause,
      });
    });
    if (response.ok) return response;
    const reason = /<Code>([^<]*)/.exec(await response.text())?.[1] ?? response.statusText;
    throw new ShoplakeError("source", `${access.endpoint} answered ${response.status} ${reason}.`, {
      where,
      hint: "Check bucket, key and credentials in the source's `s3` options.",
      retryable: response.status >= 500 || response.status === 429,
    });
  };
}

async function listPage(
  get: Get,
  page: { readonly prefix: string; readonly pageSize: number; readonly token: string | undefined },
) {
  const response = await get("", {
    "list-type": "2",
    "max-keys": String(page.pageSize),
    prefix: page.prefix === "" ? "" : `${page.prefix}/`,
    ...(page.token === undefined ? {} : { "continuation-token": page.token }),
  });
  const xml = await response.text();
  const objects: S3Object[] = [...xml.matchAll(/<Contents>(.*?)<\/Contents>/gs)].map(([, item = ""]) => ({
    key: element(item, "Key"),
    size: Number(element(item, "Size")),
    etag: element(item, "ETag"),
    modified: Date.parse(element(item, "LastModified")),
  }));
  const next = element(xml, "NextContinuationToken");
  return { objects, next: next === "" ? undefined : next };
}

function toFile(object: S3Object, get: (key: string) => Promise<Response>): StoredFile {
  return {
    path: object.key,
    size: object.size,
    stamp: `${object.size}-${object.etag}`,
    modified: object.modified,
    local: undefined,
    open: async () => {
      const { body } = await get(object.key);
      return body === null ? Readable.from([]) : Readable.fromWeb(body as ReadableStream);
    },
  };
}

function element(xml: string, name: string): string {
  const text = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? "";
  return text.replace(/&(lt|gt|quot|apos|amp|#x?[0-9a-fA-F]+);/g, (entity, name: string) =>
    name.startsWith("#")
      ? String.fromCodePoint(Number(name.startsWith("#x") ? `0${name.slice(1)}` : name.slice(1)))
      : ({ lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" }[name] ?? entity),
  );
}

function encodeKey(key: string): string {
  return key.split("/").map(encodeURIComponent).join("/");
}
