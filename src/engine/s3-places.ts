/** Places in S3 the embedded engine may name in SQL. The keys travel in the environment of its process only. */
import type { Secret } from "../project/project.ts";
import type { NamedPlace } from "./embedded/start-options.ts";

/** A folder of a bucket, with the keys to it. */
export interface S3Place {
  /** "http://127.0.0.1:9000"; the bucket is addressed by path. */
  readonly endpoint: string;
  /** Name of the bucket. */
  readonly bucket: string;
  /** Folder inside the bucket, "" for none. */
  readonly prefix: string;
  /** Given to the engine in an environment variable, never in SQL. */
  readonly accessKeyId: Secret;
  /** Given to the engine in an environment variable, never in SQL. */
  readonly secretAccessKey: Secret;
}

/** By the name SQL uses, e.g. { shoplake_lake: ... } for s3(shoplake_lake, filename = ...). */
export type S3Places = Readonly<Record<string, S3Place>>;

/** The places as the engine process is told them: names of environment variables in the place of keys. */
export function namedPlaces(places: S3Places): NamedPlace[] {
  return Object.entries(places).map(([name, place], index) => {
    const prefix = place.prefix.replace(/^\/+|\/+$/g, "");
    const folder = prefix === "" ? "" : `${prefix}/`;
    const url = `${place.endpoint.replace(/\/+$/, "")}/${place.bucket}/${folder}`;
    return { name, url, keyIdEnv: keyIdEnv(index), secretEnv: secretEnv(index) };
  });
}

/** Environment variables of the engine process. */
export function placeKeys(places: S3Places): Record<string, string> {
  const variables = Object.values(places).flatMap((place, index) => [
    [keyIdEnv(index), place.accessKeyId.reveal()] as const,
    [secretEnv(index), place.secretAccessKey.reveal()] as const,
  ]);
  return Object.fromEntries(variables);
}

function keyIdEnv(index: number): string {
  return `SHOPLAKE_ENGINE_S3_KEY_ID_${index}`;
}

function secretEnv(index: number): string {
  return `SHOPLAKE_ENGINE_S3_SECRET_${index}`;
}
