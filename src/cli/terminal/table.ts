/** Text tables for people: right-aligned numbers, no boxes, cut to the terminal. */
import { clip, pad, visible, width } from "./width.ts";

/** Title and alignment; its width comes from the cells. */
export interface TableColumn {
  /** Its head. */
  readonly title: string;
  /** Default "left". */
  readonly align?: "left" | "right";
}

/** How a table is laid out on the terminal. */
export interface TableLayout {
  /** Columns of the terminal; undefined: nothing is cut. */
  readonly columns?: number | undefined;
  /** Put before every line. Default none. */
  readonly indent?: string;
  /** Applied to the title line, e.g. dim. */
  readonly heading?: (text: string) => string;
}

const gap = "  ";
const narrowest = 6;

/**
 * Renders rows under their titles. Values are made visible first; when a line is too long the widest
 * left-aligned columns give way; numbers are never cut.
 */
export function renderTable(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  layout: TableLayout = {},
): string[] {
  const indent = layout.indent ?? "";
  const cells = rows.map((row) => columns.map((_, index) => visible(row[index] ?? "")));
  const widths = columns.map((column, index) =>
    Math.max(width(column.title), ...cells.map((row) => width(row[index] ?? ""))),
  );
  if (layout.columns !== undefined) shrink(widths, columns, layout.columns - width(indent));
  const line = (values: readonly string[]) =>
    values
      .map((value, index) => pad(clip(value, widths[index] ?? 0), widths[index] ?? 0, columns[index]?.align))
      .join(gap)
      .trimEnd();
  const heading = layout.heading ?? ((text: string) => text);
  return [
    indent + heading(line(columns.map((column) => column.title))),
    ...cells.map((row) => indent + line(row)),
  ];
}

/** Takes from the widest text column until the line fits or every text column is at its narrowest. */
function shrink(widths: number[], columns: readonly TableColumn[], available: number): void {
  let excess = widths.reduce((sum, value) => sum + value, 0) + gap.length * (widths.length - 1) - available;
  for (; excess > 0; excess--) {
    const texts = widths.map((value, index) => (columns[index]?.align === "right" ? 0 : value));
    const widest = Math.max(...texts);
    if (widest <= narrowest) return;
    widths[texts.indexOf(widest)] = widest - 1;
  }
}
