/** Rejected rows as a person reads them. */
import type { QuarantineCount, QuarantineRow } from "../../quality/quarantine.ts";
import type { CliContext } from "../context.ts";
import { count, styleFor } from "./style.ts";
import { renderTable, type TableColumn } from "./table.ts";

const idLength = 12;

/** As much of an id as tells it from others. */
export function shortId({ id }: Pick<QuarantineRow, "id">): string {
  return id.slice(0, idLength);
}

const countColumns: readonly TableColumn[] = [
  { title: "dataset" },
  { title: "rule" },
  { title: "status" },
  { title: "rows", align: "right" },
  { title: "oldest (UTC)" },
];

/** A line for each dataset, rule and status. */
export function renderCounts({ flags, stdout }: CliContext, counts: readonly QuarantineCount[]): string[] {
  const rows = counts.map((row) => [
    row.dataset,
    row.rule,
    row.status,
    count(row.rejects),
    row.oldest.slice(0, 19),
  ]);
  const { dim } = styleFor(flags.color && stdout.isTTY === true);
  return renderTable(countColumns, rows, { heading: dim });
}

/** A line for each row. */
export function renderRejects({ flags, stdout }: CliContext, rejects: readonly QuarantineRow[]): string[] {
  const columns = ["id", "rule", "source", "reason"].map((title) => ({ title }));
  const rows = rejects.map((row) => [shortId(row), row.rule, row.source_ref, row.reason]);
  const { dim } = styleFor(flags.color && stdout.isTTY === true);
  return renderTable(columns, rows, { columns: stdout.isTTY ? stdout.columns : undefined, heading: dim });
}

/** Everything known of a row, then the row as it was received. */
export function renderReject({ raw, raw_encoding, ...facts }: QuarantineRow): string[] {
  const rows = Object.entries(facts).map(([name, value]) => [name, String(value)]);
  return [
    ...renderTable([{ title: "field" }, { title: "value" }], rows),
    "",
    `as received${raw_encoding === "base64" ? " (base64)" : ""}:`,
    raw,
  ];
}
