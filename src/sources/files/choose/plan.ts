/**
 * Decides what to do with each file that is there, from its content and from what bronze already holds. Pure.
 *
 * Bronze remembers three kinds of Delta txn entries: `file:<path>` = the content whose rows are in bronze under that
 * path (0: none any more), `refused:<path>` = content of which nothing could be read, and `copy:<path>` = content that was
 * skipped because another path had brought it; this one only keeps a re-delivery from being reported again.
 */

/** A file that is there, with its content's hash: 16 lower-case hex digits of the SHA-256 of the stored bytes. */
export interface HashedFile {
  /** As `_file` has it. */
  readonly path: string;
  /** Bytes as stored. */
  readonly size: number;
  /** Names the content: equal files have the same one. */
  readonly hash: string;
}

/** What to read, and what to record without reading. */
export interface FilePlan<F extends HashedFile = HashedFile> {
  /** Contents that bronze does not hold, in order of paths. `replaces`: rows of older content, or rejects, are there under this path. */
  readonly take: readonly { readonly file: F; readonly replaces: boolean }[];
  /** Paths whose rows must go: their new content is in bronze under another path. */
  readonly retire: readonly string[];
  /** Re-deliveries that were not recorded yet. */
  readonly copies: readonly { readonly path: string; readonly of: string }[];
  /** Entries that belong to `retire` and `copies`. */
  readonly positions: Readonly<Record<string, number>>;
}

/** First 53 bits of the hash: the greatest number of that kind that is a safe integer everywhere. */
export function position(hash: string): number {
  return Number(BigInt(`0x${hash.slice(0, 14)}`) >> 3n);
}

/** Name of the entry for the content whose rows bronze has under a path. */
export function fileEntry(path: string): string {
  return `file:${path}`;
}

/** Name of the entry for content that was skipped because another path had brought it. */
export function copyEntry(path: string): string {
  return `copy:${path}`;
}

/** Name of the entry for content of which nothing could be read. */
export function refusedEntry(path: string): string {
  return `refused:${path}`;
}

/**
 * The same files in any order of arrival end with the same set of contents in bronze, each under one path. Paths for which
 * `again` is true are read whatever bronze holds of them.
 */
export function planFiles<F extends HashedFile>(
  present: readonly F[],
  positions: ReadonlyMap<string, number>,
  again: (path: string) => boolean = () => false,
): FilePlan<F> {
  const files = present.toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  const owners = ownersOf(files, positions, again);
  const take: { file: F; replaces: boolean }[] = [];
  const retire: string[] = [];
  const copies: { path: string; of: string }[] = [];
  const recorded: Record<string, number> = {};
  for (const file of files) {
    const content = position(file.hash);
    const held = positions.get(fileEntry(file.path)) ?? 0;
    const refused = positions.get(refusedEntry(file.path));
    if (!again(file.path) && (held === content || refused === content)) continue;
    const owner = file.size === 0 ? undefined : owners.get(content);
    if (owner === undefined) {
      owners.set(content, file.path);
      take.push({ file, replaces: held !== 0 || refused !== undefined });
      continue;
    }
    if (held !== 0) {
      retire.push(file.path);
      recorded[fileEntry(file.path)] = 0;
    }
    if (positions.get(copyEntry(file.path)) !== content) {
      copies.push({ path: file.path, of: owner });
      recorded[copyEntry(file.path)] = content;
    }
  }
  return { take, retire, copies, positions: recorded };
}

/** Content -> path that brought it. A path whose content will be replaced by this plan no longer counts. */
function ownersOf(
  files: readonly HashedFile[],
  positions: ReadonlyMap<string, number>,
  again: (path: string) => boolean,
): Map<number, string> {
  const changed = new Set(
    files
      .filter((file) => {
        const content = position(file.hash);
        return (
          again(file.path) ||
          (positions.get(fileEntry(file.path)) !== content &&
            positions.get(refusedEntry(file.path)) !== content)
        );
      })
      .map((file) => fileEntry(file.path)),
  );
  const owners = new Map<number, string>();
  for (const [entry, content] of positions)
    if (entry.startsWith("file:") && content !== 0 && !changed.has(entry))
      owners.set(content, entry.slice("file:".length));
  return owners;
}
