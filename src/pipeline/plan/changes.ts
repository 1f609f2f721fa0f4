/** What changed in an input between the version a dataset was built from and the one it is to be built from. */
import { ident, idents } from "../../engine/sql.ts";
import type { DataFile, LakeTable, Snapshot } from "../../lake/lake.ts";
import type { Host } from "../context.ts";
import { type BuiltFrom, isSameVersion } from "../target/built-from.ts";
import type { Input } from "./inputs.ts";

/** An input whose version is another one than before. */
export interface InputChange {
  /** As it is now. */
  readonly input: Input;
  /** Number of the version it was built from, for messages; 0 when it was built from none. */
  readonly since: number;
  /** False when rows were removed or replaced, or when nobody can tell any more. */
  readonly appendOnly: boolean;
  /** undefined: unknown (log cleaned, restored or made anew, a warehouse table): everything may have changed. */
  readonly files: { readonly added: readonly DataFile[]; readonly removed: readonly DataFile[] } | undefined;
}

/** Changes of the inputs whose version is not the one in `built`. */
export async function changesSince(
  host: Host,
  inputs: readonly Input[],
  built: Readonly<Record<string, BuiltFrom>>,
): Promise<readonly InputChange[]> {
  const changed = inputs.filter((input) => !isSameVersion(built[input.dataset], input));
  return Promise.all(changed.map((input) => changeOf(host, input, built[input.dataset])));
}

/** The commits in between are believed only when they follow the very version that it was built from. */
async function changeOf(host: Host, input: Input, built: BuiltFrom | undefined): Promise<InputChange> {
  const since = built?.version ?? 0;
  const unknown: InputChange = { input, since, appendOnly: false, files: undefined };
  if (built === undefined || input.snapshot === undefined) return unknown;
  const isBase = (id: string): boolean => isSameVersion(built, { version: since, id });
  const changes = await host.lake.table(input.dataset).changes(since, input.version, isBase);
  if (changes === undefined) return unknown;
  return {
    input,
    since,
    appendOnly: changes.appendOnly,
    files: { added: changes.added, removed: changes.removed },
  };
}

/** True when no row was added or removed (a compaction, a commit without data). */
export function isUntouched(change: InputChange): boolean {
  return change.files !== undefined && change.files.added.length === 0 && change.files.removed.length === 0;
}

/** The version that the changes lead to. Only with known files. */
export function snapshotOf({ input }: InputChange): Snapshot {
  if (input.snapshot === undefined)
    throw new Error(`unreachable: ${input.dataset} has changed files but no snapshot`);
  return input.snapshot;
}

/** Rows that were added, as a table expression. */
export function addedRows(table: LakeTable, snapshot: Snapshot, change: InputChange): string {
  return table.read(snapshot, { files: change.files?.added ?? [] });
}

/** The input as it is together with the rows that were removed from it since: whatever a stale partition was built from. */
export function withRemovedRows(table: LakeTable, snapshot: Snapshot, change: InputChange): string {
  const removed = change.files?.removed ?? [];
  return removed.length === 0
    ? table.read(snapshot)
    : table.read(snapshot, { files: [...snapshot.files, ...removed] });
}

/**
 * The rows that differ, as a table expression over `columns` only: the symmetric difference of two multisets. A row that was
 * rewritten without a change in these columns is not in it, so a price change does not touch what reads only names.
 */
export function differingRows(
  table: LakeTable,
  snapshot: Snapshot,
  change: InputChange,
  columns: readonly string[],
): string {
  const { added = [], removed = [] } = change.files ?? {};
  const list = idents(columns);
  if (removed.length === 0) return `(SELECT ${list} FROM ${table.read(snapshot, { files: added, columns })})`;
  const side = (files: readonly DataFile[], sign: number): string =>
    `SELECT ${list}, ${sign} AS ${ident("_sign")} FROM ${table.read(snapshot, { files, columns })}`;
  return `(SELECT ${list} FROM (${side(removed, -1)} UNION ALL ${side(added, 1)}) GROUP BY ${list} HAVING sum(${ident("_sign")}) != 0)`;
}
