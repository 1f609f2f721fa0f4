/** Which files go into one extract, so that hundreds of small files do not become hundreds of commits. */

const mostFiles = 64;
/** Unpacked bytes, guessed: reading many files at once holds a block of each in memory. */
const mostBytes = 128 << 20;
const packedFactor = 8;

/** Groups in the given order; a large file or archive is alone. */
export function batches<T extends { readonly file: { readonly path: string; readonly size: number } }>(
  items: readonly T[],
): T[][] {
  const groups: T[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const item of items) {
    const guess = guessBytes(item.file);
    const group = groups.at(-1);
    if (group === undefined || group.length >= mostFiles || bytes + guess > mostBytes) {
      groups.push([item]);
      bytes = guess;
    } else {
      group.push(item);
      bytes += guess;
    }
  }
  return groups;
}

function guessBytes({ path, size }: { readonly path: string; readonly size: number }): number {
  return /\.(gz|zst|zip|parquet)$/i.test(path) ? size * packedFactor : size;
}
