/** Hashes of rows: which of them are known already, and whether a table that is copied whole holds the same rows. */
import { ident } from "../../engine/sql.ts";
import type { StagedFiles } from "../../lake/lake.ts";
import { readStaged } from "../../lake/read-staged.ts";
import type { PlacedExtract } from "./extract.ts";

/** 128 bits over the values as text: equal rows, NULLs included, have equal hashes. */
export function contentHash(values: readonly string[]): string {
  return `sipHash128(toString(tuple(${values.join(", ")})))`;
}

/** One number for all rows that were written aside, whatever their order; 52 bits. */
export async function contentOf(
  { host, extract, signal }: PlacedExtract,
  files: StagedFiles,
): Promise<number> {
  const hash = contentHash(extract.columns.map((column) => ident(column.name)));
  const [row] = await host.engine.rows<{ content: string }>(
    `SELECT bitShiftRight(sipHash64(count(), sum(h), groupBitXor(h)), 12) AS content
     FROM (SELECT sipHash64(${hash}) AS h FROM ${readStaged(host.lake.store, files)})`,
    { signal },
  );
  return Number(row?.content ?? 0);
}
