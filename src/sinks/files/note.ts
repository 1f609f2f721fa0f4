/** The note beside a file: which version the file holds. */
import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import type { SinkInput } from "../sink.ts";

/** A file and the note about it. */
export interface TargetFile {
  /** Absolute folder of both. */
  readonly folder: string;
  /** "gold.fact_daily_sales.csv" */
  readonly name: string;
  /** Absolute path of the file. */
  readonly path: string;
  /** Absolute path of the note. */
  readonly note: string;
}

/**
 * True when the file is as it was left and holds this version. Never without an identity: a version number comes back with other
 * rows when a table is made anew.
 */
export async function holds(target: TargetFile, input: SinkInput): Promise<boolean> {
  if (input.identity === undefined) return false;
  const written = await readFile(target.note, "utf8").catch(() => undefined);
  return written !== undefined && written === (await noteFor(target, input));
}

/** What the note says when the file that is there holds the version; undefined when there is no file. */
export async function noteFor({ path }: TargetFile, input: SinkInput): Promise<string | undefined> {
  const info = await stat(path, { bigint: true }).catch(() => undefined);
  if (info === undefined) return undefined;
  const { version, identity = null } = input;
  const file = { size: String(info.size), modified: String(info.mtimeNs) };
  return `${JSON.stringify({ version, identity, layout: layoutOf(input), ...file })}\n`;
}

/** Of what decides about the content beside the rows: columns and order. */
function layoutOf({ columns, key }: SinkInput): string {
  const layout = [columns.map(({ name, type }) => [name, type]), key];
  return createHash("sha256").update(JSON.stringify(layout)).digest("hex").slice(0, 16);
}
