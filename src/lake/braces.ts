/** One ClickHouse path pattern for a list of files: ["/a/x.parquet", "/a/y.parquet"] -> "/a/{x,y}.parquet". */
export function braces(paths: readonly string[]): string {
  const [first, ...rest] = paths;
  if (first === undefined) return "";
  if (rest.length === 0) return first;
  let head = first.length;
  let tail = first.length;
  for (const path of rest) {
    head = Math.min(
      head,
      commonLength(first, path, (text, i) => text.charCodeAt(i)),
    );
    tail = Math.min(
      tail,
      commonLength(first, path, (text, i) => text.charCodeAt(text.length - 1 - i)),
    );
  }
  const shortest = paths.reduce((length, path) => Math.min(length, path.length), first.length);
  if (head === shortest) head--;
  tail = Math.min(tail, shortest - head - 1);
  const middles = paths.map((path) => path.slice(head, path.length - tail));
  return `${first.slice(0, head)}{${middles.join(",")}}${first.slice(first.length - tail)}`;
}

function commonLength(a: string, b: string, at: (text: string, i: number) => number): number {
  const limit = Math.min(a.length, b.length);
  let i = 0;
  while (i < limit && at(a, i) === at(b, i)) i++;
  return i;
}
