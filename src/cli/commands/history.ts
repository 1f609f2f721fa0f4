import { resolveDataset } from "../../app/dataset.ts";
import { inventoryOf } from "../../app/inventory.ts";
import type { OpenedHost } from "../../host/host.ts";
import type { PublicationRow } from "../../state/records.ts";
import type { CommandSpec } from "../command.ts";
import { say, writeJson, writeLines } from "../context.ts";
import { withHost } from "../open.ts";
import { count, styleFor } from "../terminal/style.ts";
import { renderTable } from "../terminal/table.ts";
import { localTime } from "../terminal/time.ts";
import { integer, numberOption } from "../values.ts";

/** A version of a dataset, with what the publishing task counted, when a task published rows. */
interface Version {
  readonly version: number;
  /** Tells it from every other version, also of the same number; "" when release 0.1.0 noted it. */
  readonly id: string;
  /** ISO 8601, UTC. */
  readonly time: string | undefined;
  readonly operation: string;
  readonly runId: string | undefined;
  readonly counts: PublicationRow["counts"] | undefined;
}

export const command: CommandSpec = {
  name: "history",
  description:
    "List the versions of a dataset, newest first: when, what was done, rows, and the run that did it.",
  arguments: [{ name: "<dataset>", description: "a dataset, such as silver.orders", completes: "dataset" }],
  options: [
    {
      flags: "-n, --limit <versions>",
      description: "versions to list",
      default: 20,
      parse: integer("--limit", 1),
    },
  ],
  examples: [
    ["shoplake history silver.orders", "the last twenty versions"],
    ["shoplake history gold.fact_daily_sales --json", "as data"],
  ],
  async run(context, [given = ""], options) {
    await withHost(context, async (host) => {
      const dataset = resolveDataset((await inventoryOf(host)).keys(), given);
      const versions = await versionsOf(host, dataset, numberOption(options, "limit") ?? 20);
      if (context.flags.json) writeJson(context, versions);
      else if (versions.length === 0)
        say(context, `${dataset} has never been published; shoplake run +${dataset}`);
      else {
        const style = styleFor(context.flags.color && context.stdout.isTTY === true);
        const rows = versions.map((row) => rowOf(row, host.config.timezone));
        writeLines(context, renderTable(columns, rows, { heading: style.dim }));
      }
    });
  },
};

const columns = [
  { title: "version", align: "right" },
  { title: "time" },
  { title: "operation" },
  { title: "read", align: "right" },
  { title: "published", align: "right" },
  { title: "rejected", align: "right" },
  { title: "deduplicated", align: "right" },
  { title: "run" },
] as const;

function rowOf({ version, time, operation, counts, runId }: Version, timezone: string): string[] {
  const numbers = counts
    ? [counts.read, counts.published, counts.rejected, counts.deduplicated].map(count)
    : ["", "", "", ""];
  return [String(version), localTime(time, timezone), operation, ...numbers, runId ?? ""];
}

/** Of the lake every commit of the log; of the warehouse what the state remembers. */
async function versionsOf(host: OpenedHost, dataset: string, limit: number): Promise<readonly Version[]> {
  const publications = await host.state.publications.list(dataset, limit);
  if (dataset.startsWith("gold."))
    return publications.map(({ version, versionId, publishedAt, mode, runId, counts }) => ({
      version,
      id: versionId,
      time: publishedAt,
      operation: mode,
      runId,
      counts,
    }));
  const byId = new Map(publications.map((row) => [row.versionId, row]));
  const byNumber = new Map(publications.map((row) => [row.versionId === "" ? row.version : -1, row]));
  const entries = await host.lake.table(dataset).history(limit);
  return entries.map(({ version, id, time, operation, info }) => {
    const publication = byId.get(id) ?? byNumber.get(version);
    const noted = info["runId"];
    return {
      version,
      id,
      time: time?.toISOString(),
      operation: String(info["operation"] ?? operation).toLowerCase(),
      runId: publication?.runId ?? (typeof noted === "string" ? noted : undefined),
      counts: publication?.counts,
    };
  });
}
