/** What columns of bronze were called when they arrived. */
import type { Host } from "../pipeline/index.ts";
import { receivedNames } from "../sources/stored-names.ts";

/** Of the columns that have another name now: name in bronze -> name as received, by dataset. */
export type ReceivedNames = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** Of these datasets of the lake. One that cannot be read is left out: its own task tells why. */
export async function receivedNamesOf({ lake }: Host, datasets: Iterable<string>): Promise<ReceivedNames> {
  const found = new Map<string, ReadonlyMap<string, string>>();
  for (const dataset of datasets) {
    const snapshot = await lake
      .table(dataset)
      .snapshot()
      .catch(() => undefined);
    if (snapshot !== undefined) found.set(dataset, receivedNames(snapshot.configuration));
  }
  return found;
}
