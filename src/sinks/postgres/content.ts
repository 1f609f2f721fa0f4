/** What a dataset version holds, as one fingerprint; and whether PostgreSQL can hold it. */
import { ShoplakeError } from "../../util/errors.ts";
import type { SinkContext, SinkInput } from "../sink.ts";
import { type Memory, memoryOf, remember } from "./memory.ts";
import { contentId, digest, noTotals, rowHash, type Totals, totalsOf } from "./totals.ts";
import type { TargetColumn } from "./types.ts";

/** Which version to read, and for which table. */
export interface ContentRequest {
  /** The version. */
  readonly input: SinkInput;
  /** As they will be in PostgreSQL. */
  readonly columns: readonly TargetColumn[];
  /** Names the table among all tables of all servers. */
  readonly target: string;
  /** With fewer rows, all are compared each time: that costs less than finding what has changed. */
  readonly smallRows: number;
}

/** What a version holds, told by a few numbers. */
export interface Content {
  /** How many there are. */
  readonly rows: number;
  /** Equal for equal rows (in any order), columns, types and key. */
  readonly id: string;
  /** Equal for equal content and descriptions; begins with the id. */
  readonly fingerprint: string;
  /** Where its rows are remembered; undefined: nowhere. */
  readonly memory: Memory | undefined;
  /** The id of other rows with the same columns, types and key. */
  readonly idOf: (totals: Totals) => string;
}

/** Of what tells this content without reading it; undefined when nothing does. */
export function originOf(input: SinkInput, columns: readonly TargetColumn[]): string | undefined {
  return input.identity === undefined
    ? undefined
    : digest([input.identity, contentId(noTotals, input, columns), descriptionsOf(input)]);
}

/** Reads the dataset once in the engine, and keeps the hashes of its rows there when that can help the next version. */
export async function contentOf(
  { input, columns, target, smallRows }: ContentRequest,
  context: SinkContext,
): Promise<Content> {
  const { engine, signal } = context;
  const [counted] = await engine.rows<{ n: string }>(`SELECT count() AS n FROM ${input.from}`, { signal });
  const small = Number(counted?.n ?? 0) < smallRows;
  const memory = small ? undefined : memoryOf(target, { input, columns }, context);
  const hash = rowHash(columns);
  const idOf = (totals: Totals) => contentId(totals, input, columns);
  const totals =
    memory === undefined
      ? await readTotals(input, hash, context)
      : await remember(memory, { input, hash, idOf });
  const id = idOf(totals);
  const fingerprint = `${id}.${digest(descriptionsOf(input))}`;
  return { rows: Number(totals.rows), id, fingerprint, memory, idOf };
}

async function readTotals(input: SinkInput, hash: string, { engine, signal }: SinkContext): Promise<Totals> {
  const [totals] = await engine.rows<Totals>(
    `SELECT ${totalsOf("_row_hash")} FROM (SELECT ${hash} AS _row_hash FROM ${input.from})`,
    { signal },
  );
  return totals ?? noTotals;
}

/** The content's id in a fingerprint. */
export function idIn(fingerprint: string): string {
  return fingerprint.split(".")[0] ?? "";
}

/** For PostgreSQL's complaint about a byte sequence: our own error when a text holds a NUL byte. */
export async function nulError(
  input: SinkInput,
  columns: readonly TargetColumn[],
  { engine, signal }: SinkContext,
): Promise<ShoplakeError | undefined> {
  const texts = columns.filter(({ isText }) => isText);
  if (texts.length === 0) return undefined;
  const counts = texts.map(
    ({ select }, i) => `countIf(position(toString(${select}), char(0)) > 0) AS _nul_${i}`,
  );
  const [row] = await engine.rows<Record<string, string>>(`SELECT ${counts.join(", ")} FROM ${input.from}`, {
    signal,
  });
  const spoiled = texts.find((_, i) => Number(row?.[`_nul_${i}`] ?? 0) > 0);
  if (spoiled === undefined) return undefined;
  return new ShoplakeError("sink", "A text holds a NUL byte, which PostgreSQL cannot keep.", {
    where: `${input.dataset}, column ${spoiled.name}`,
    hint: "Remove it in the model: replaceAll(x, char(0), '').",
  });
}

function descriptionsOf({ description, columnDescriptions }: SinkInput): readonly unknown[] {
  return [description, columnDescriptions];
}
