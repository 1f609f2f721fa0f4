/** The published versions that a task reads, and how to read exactly those. */
import { homeOf } from "../../api/datasets.ts";
import { table } from "../../engine/sql.ts";
import type { Snapshot } from "../../lake/lake.ts";
import { ShoplakeError } from "../../util/errors.ts";
import { versionIdOf } from "../../warehouse/version-record.ts";
import type { Host } from "../context.ts";
import { type BuiltFrom, builtFrom } from "../target/built-from.ts";

/** A published version that somebody reads. */
export interface Input {
  /** Full name: "silver.orders". */
  readonly dataset: string;
  /** For people; what a version is, `id` says. */
  readonly version: number;
  /** Names the version: of two with the same id all rows are the same, also when a dataset was made anew or restored. */
  readonly id: string;
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
        id: versionIdOf(current),
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
      id: snapshot.id,
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
  const moved = gold.find(({ dataset, id }) => {
    const live = now.get(dataset);
    return live === undefined || versionIdOf(live) !== id;
  });
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

/** What a published version records of its inputs, by dataset. */
export function versionsOf(inputs: readonly Input[]): Readonly<Record<string, BuiltFrom>> {
  return Object.fromEntries(inputs.map((input) => [input.dataset, builtFrom(input)]));
}

/** Ids of the inputs, by dataset: for people. */
export function idsOf(inputs: readonly Input[]): Readonly<Record<string, string>> {
  return Object.fromEntries(inputs.map(({ dataset, id }) => [dataset, id]));
}

/** False for a dataset whose first run is still to come. */
export async function isPublished(host: Host, dataset: string): Promise<boolean> {
  if (homeOf(dataset) === "warehouse") return (await host.warehouse.table(dataset).current()) !== undefined;
  return (await host.lake.table(dataset).snapshot()) !== undefined;
}
