import { resolveDataset } from "../../app/datasets.ts";
import { inventoryOf } from "../../app/inventory.ts";
import type { OpenedHost } from "../../host/host.ts";
import type { CommandSpec } from "../command.ts";
import { say, writeJson, writeLines } from "../context.ts";
import { withHost } from "../open.ts";
import { integer, numberOption, textOption } from "../options/values.ts";
import { bytes, counted, styleFor } from "../terminal/style.ts";
import { renderTable } from "../terminal/table.ts";

const steps = ["compact", "checkpoint", "vacuum"] as const;

interface Maintained {
  readonly dataset: string;
  readonly filesBefore: number;
  readonly filesAfter: number;
  readonly deletedFiles: number;
  readonly freedBytes: number;
}

export const command: CommandSpec = {
  name: "maintain",
  description:
    "Keep the lake small and quick: join small files, write checkpoints, delete files that no kept version needs. Safe while runs and queries go on.",
  arguments: [
    { name: "[dataset...]", description: "bronze or silver datasets (default: all)", completes: "dataset" },
  ],
  options: [
    { flags: "--only <step>", description: "do one step only", choices: steps },
    {
      flags: "--retention <hours>",
      description: "vacuum deletes files that were removed longer ago (default: the table's own, a week)",
      parse: integer("--retention"),
    },
    { flags: "--dry-run", description: "vacuum only tells what it would delete" },
  ],
  examples: [
    ["shoplake maintain", "all steps on the whole lake"],
    ["shoplake maintain --only vacuum --dry-run", "what vacuum would delete"],
    ["shoplake maintain bronze.shop_orders --only compact", "join the small files of one dataset"],
  ],
  async run(context, given, options) {
    await withHost(context, async (host) => {
      const names = [...(await inventoryOf(host)).keys()];
      const chosen = given.length > 0 ? given.map((name) => resolveDataset(names, name)) : names;
      const only = textOption(options, "only");
      const done: Maintained[] = [];
      for (const dataset of chosen.filter((name) => !name.startsWith("gold."))) {
        context.signal.throwIfAborted();
        const result = await maintain(host, dataset, {
          does: (step) => only === undefined || only === step,
          retentionHours: numberOption(options, "retention"),
          dryRun: options["dryRun"] === true,
        });
        if (result) done.push(result);
      }
      if (context.flags.json) writeJson(context, done);
      else {
        const style = styleFor(context.flags.color && context.stdout.isTTY === true);
        const rows = done.map((row) => [
          row.dataset,
          `${row.filesBefore} -> ${row.filesAfter}`,
          counted(row.deletedFiles, "file"),
          bytes(row.freedBytes),
        ]);
        writeLines(context, renderTable(columns, rows, { heading: style.dim }));
        if (options["dryRun"] === true) say(context, "nothing was deleted (--dry-run)");
      }
    });
  },
};

const columns = [
  { title: "dataset" },
  { title: "files", align: "right" },
  { title: "deleted", align: "right" },
  { title: "freed", align: "right" },
] as const;

interface Wanted {
  does(step: (typeof steps)[number]): boolean;
  readonly retentionHours: number | undefined;
  readonly dryRun: boolean;
}

/** undefined: the dataset was never published. */
async function maintain(host: OpenedHost, dataset: string, wanted: Wanted): Promise<Maintained | undefined> {
  const lakeTable = host.lake.table(dataset);
  const snapshot = await lakeTable.snapshot();
  if (snapshot === undefined) return undefined;
  const files = snapshot.files.length;
  const joins = wanted.does("compact") && !wanted.dryRun;
  const { filesAfter } = joins ? await lakeTable.compact({ taskId: host.newId() }) : { filesAfter: files };
  if (filesAfter !== files) {
    const { publishDatasetView } = await import("../../pipeline/target/views.ts");
    await publishDatasetView(host, dataset);
  }
  if (wanted.does("checkpoint") && !wanted.dryRun) await lakeTable.checkpoint();
  const { retentionHours, dryRun } = wanted;
  const vacuumed = wanted.does("vacuum")
    ? await lakeTable.vacuum({ dryRun, ...(retentionHours === undefined ? {} : { retentionHours }) })
    : { files: [], log: [], bytes: 0 };
  return {
    dataset,
    filesBefore: files,
    filesAfter,
    deletedFiles: vacuumed.files.length + vacuumed.log.length,
    freedBytes: vacuumed.bytes,
  };
}
