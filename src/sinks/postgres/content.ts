/** What a dataset version holds, as one fingerprint; and whether PostgreSQL can hold it. */
import { createHash } from "node:crypto";
import { ident } from "../../engine/sql.ts";
import { ShoplakeError } from "../../util/errors.ts";
import type { SinkContext, SinkInput } from "../sink.ts";
import type { TargetColumn } from "./types.ts";

export interface Content {
  readonly rows: number;
  /** Equal for equal rows (in any order), columns, types and key. */
  readonly fingerprint: string;
}

/** Reads the dataset once in the engine. Throws `sink` when a text holds a NUL byte. */
export async function contentOf(
  input: SinkInput,
  columns: readonly TargetColumn[],
  { engine, signal }: SinkContext,
): Promise<Content> {
  const texts = columns.filter(({ isText }) => isText);
  const nul = texts.map(({ select }, i) => `countIf(position(toString(${select}), char(0)) > 0) AS nul_${i}`);
  const names = columns.map(({ name }) => ident(name)).join(", ");
  const [row] = await engine.rows<Record<string, string>>(
    `SELECT count() AS rows, hex(sipHash128(sum(_row_hash), groupBitXor(_row_hash))) AS hash${nul.map((part) => `, ${part}`).join("")}
FROM (SELECT *, sipHash64(formatRowNoNewline('RowBinary', ${names})) AS _row_hash FROM ${input.from})`,
    { signal },
  );
  const spoiled = texts.find((_, i) => Number(row?.[`nul_${i}`] ?? 0) > 0);
  if (spoiled !== undefined)
    throw new ShoplakeError("sink", "A text holds a NUL byte, which PostgreSQL cannot keep.", {
      where: `${input.dataset}, column ${spoiled.name}`,
      hint: "Remove it in the model: replaceAll(x, char(0), '').",
    });
  const shape = columns.map(({ name, type, notNull }) => [name, type, notNull]);
  const parts = [row?.["rows"], row?.["hash"], input.key, shape, input.description, input.columnDescriptions];
  return {
    rows: Number(row?.["rows"] ?? 0),
    fingerprint: createHash("sha256").update(JSON.stringify(parts)).digest("hex"),
  };
}
