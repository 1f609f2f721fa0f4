/** Signed requests to S3, with the few rules of retrying that keep a lake correct. */
import { setTimeout as sleep } from "node:timers/promises";
import { AwsClient } from "aws4fetch";
import { ShoplakeError } from "../../util/errors.ts";
import type { S3Options } from "./s3.ts";

/** One request, before it is signed. */
export interface S3Call {
  /** Of HTTP. */
  readonly method: "GET" | "HEAD" | "PUT" | "DELETE";
  /** From the root of the bucket; "" is the bucket itself. */
  readonly key: string;
  /** Default: none. */
  readonly query?: Readonly<Record<string, string>>;
  /** Default: none. */
  readonly body?: Uint8Array;
  /** Besides those of the signature. Default: none. */
  readonly headers?: Readonly<Record<string, string>>;
  /** True when doing it twice is the same as doing it once: repeated after network errors, 5xx and 429. */
  readonly repeatable: boolean;
  /** Statuses besides 2xx that are an answer, not an error. */
  readonly accept?: readonly number[];
}

/** Throws `io`: retryable when the store did not answer or answered 5xx; then it is not known what happened. */
export type S3Request = (call: S3Call) => Promise<Response>;

const attempts = 4;
const timeoutMs = 60_000;

/** Signed with AWS Signature V4, 60 seconds a request; a repeatable call is tried up to four times. */
export function s3Client(options: S3Options): S3Request {
  const client = new AwsClient({
    accessKeyId: options.accessKeyId.reveal(),
    secretAccessKey: options.secretAccessKey.reveal(),
    region: options.region,
    service: "s3",
    retries: 0,
  });
  const root = `${options.endpoint.replace(/\/+$/, "")}/${encodeURIComponent(options.bucket)}`;
  return async (call) => {
    const tries = call.repeatable ? attempts : 1;
    for (let attempt = 1; ; attempt++) {
      try {
        return await once(client, root, call);
      } catch (error) {
        const again = error instanceof ShoplakeError && error.retryable && attempt < tries;
        if (!again) throw error;
        await sleep(100 * 2 ** attempt);
      }
    }
  };
}

async function once(client: AwsClient, root: string, call: S3Call): Promise<Response> {
  const path = call.key.split("/").map(encodeURIComponent).join("/");
  const query = call.query === undefined ? "" : `?${new URLSearchParams(call.query)}`;
  const where = `${root}/${call.key}`;
  const response = await client
    .fetch(`${root}${path === "" ? "" : `/${path}`}${query}`, {
      method: call.method,
      signal: AbortSignal.timeout(timeoutMs),
      ...(call.headers === undefined ? {} : { headers: { ...call.headers } }),
      ...(call.body === undefined ? {} : { body: new Uint8Array(call.body) }),
    })
    .catch((cause: unknown) => {
      throw new ShoplakeError("io", "the object store does not answer", {
        where,
        hint: "check the endpoint and the network; the call can be repeated",
        retryable: true,
        cause,
      });
    });
  if (response.ok || call.accept?.includes(response.status)) return response;
  throw await refusal(response, where);
}

async function refusal(response: Response, where: string): Promise<ShoplakeError> {
  const code = /<Code>([^<]*)</.exec(await response.text().catch(() => ""))?.[1] ?? response.statusText;
  return new ShoplakeError("io", `the object store answered ${response.status} ${code}`, {
    where,
    hint:
      response.status === 403 || response.status === 404
        ? "check bucket, key id, secret and region"
        : "try again later",
    retryable: response.status >= 500 || response.status === 429,
  });
}
