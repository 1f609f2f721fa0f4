/** The answer of ListObjectsV2. */
import type { StoredObject } from "./store.ts";

/** One page of at most 1,000 objects. */
export interface Listing {
  /** Keys from the root of the bucket. */
  readonly objects: readonly StoredObject[];
  /** Continuation token of the next page. */
  readonly next: string | undefined;
}

/** Takes what is needed from the XML; an unknown element does no harm. */
export function parseListing(xml: string): Listing {
  const objects = [...xml.matchAll(/<Contents>(.*?)<\/Contents>/gs)].map(([, item = ""]) => ({
    key: element(item, "Key") ?? "",
    size: Number(element(item, "Size")),
    modified: Date.parse(element(item, "LastModified") ?? ""),
  }));
  const next = element(xml, "NextContinuationToken");
  return { objects, next: next === "" ? undefined : next };
}

function element(xml: string, name: string): string | undefined {
  const found = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
  return found?.replace(/&(#x[0-9a-f]+|#\d+|lt|gt|amp|quot|apos);/gi, (_, entity: string) =>
    character(entity),
  );
}

const named: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

function character(entity: string): string {
  if (!entity.startsWith("#")) return named[entity] ?? "";
  const code = /^#x/i.test(entity) ? Number.parseInt(entity.slice(2), 16) : Number(entity.slice(1));
  return String.fromCodePoint(code);
}
