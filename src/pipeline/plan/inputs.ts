/** The published versions that a task reads, and how to read exactly those. */
import { homeOf } from "../../api/datasets.ts";
import { table } from "../../engine/sql.ts";
import type { Snapshot } from "../../lake/lake.ts";
import { ShoplakeError } from "../../util/errors.ts";
import type { Host } from "../context.ts";

export interface Input {
  readonly dataset: string;
  readonly version: number;
  /** Of two versions with the same identity all rows are the same, also when a dataset was made anew or restored. Of a gold dataset. */
  readonly identity: string | undefined;
  /** Table expression that reads this version. */
  readonly from: string;
  /** Of a lake dataset. */
  readonly snapshot: Snapshot | undefined;
}

/** Published state of any dataset; undefined when there is none yet. */
export async function publishedInput(host: Host, dataset: string): Promise<Input | undefined> {
  if (homeOf(dataset) === "warehouse") {
    const current = await host.warehouse.table(dataset).current();
    return (
      current && {
        dataset,
        version: current.version,
        identity: current.taskId,
        from: table(dataset),
        snapshot: undefined,
      }
    );
  }
  const lakeTable = host.lake.table(dataset);
  const snapshot = await lakeTable.snapshot();
  return (
    snapshot && {
      dataset,
      version: snapshot.version,
      identity: undefined,
      from: lakeTable.read(snapshot),
      snapshot,
    }
  );
}

/** All inputs of a model. Throws when one was never published. */
export async function resolveInputs(
  host: Host,
  reader: string,
  datasets: readonly string[],
): Promise<readonly Input[]> {
  return Promise.all(
    datasets.map(async (dataset) => {
      const input = await publishedInput(host, dataset);
      if (input) return input;
      throw new ShoplakeError("model", `${reader} reads ${dataset}, which has never been published`, {
        where: reader,
        hint: `Run it with what it depends on: shoplake run +${reader}`,
      });
    }),
  );
}

/**
 * Throws a retryable `conflict` when another process has exchanged a gold input since it was resolved: the statements in between
 * read it under its own name, so some may have seen the older version and some the newer one. One query, none without gold inputs.
 */
export async function requireSameInputs(
  { warehouse }: Host,
  reader: string,
  inputs: readonly Input[],
): Promise<void> {
  const gold = inputs.filter(({ dataset }) => homeOf(dataset) === "warehouse");
  if (gold.length === 0) return;
  const now = await warehouse.versions();
  const moved = gold.find(({ dataset, identity }) => now.get(dataset)?.taskId !== identity);
  if (moved === undefined) return;
  throw new ShoplakeError(
    "conflict",
    `another run published ${moved.dataset} while ${reader} was reading it`,
    {
      where: reader,
      hint: "Run again: it reads the newer version then.",
      retryable: true,
    },
  );
}

/** `{ "silver.orders": 41 }`: what a published version records of its inputs. */
export function versionsOf(inputs: readonly Input[]): Readonly<Record<string, number>> {
  return Object.fromEntries(inputs.map((input) => [input.dataset, input.version]));
}

export async function isPublished(host: Host, dataset: string): Promise<boolean> {
  if (homeOf(dataset) === "warehouse") return (await host.warehouse.table(dataset).current()) !== undefined;
  return (await host.lake.table(dataset).snapshot()) !== undefined;
}
