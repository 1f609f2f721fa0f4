/** Shows a shop while it is written: a bar per table on a terminal, a line per finished table elsewhere. */
import type { Progress } from "../../generator/target.ts";
import { type CliContext, say } from "../context.ts";
import { liveScreen } from "./progress.ts";
import { count, counted, duration } from "./style.ts";
import { clip, pad } from "./width.ts";

/** What a person sees of a load. */
export interface LoadView {
  /** Takes the rows so far. */
  onProgress(progress: Progress): void;
  /** Ends the last table: all is written. */
  done(): void;
  /** Leaves the terminal as it is to be read. */
  close(): void;
}

interface TableView {
  rows: number;
  readonly startedAt: number;
  endedAt: number | undefined;
}

const redrawMs = 100;

/** `expected`: table -> about how many rows it gets; without it (a day's changes) there is no bar. */
export function showLoad(context: CliContext, expected?: Readonly<Record<string, number>>): LoadView {
  const { flags, stderr, env } = context;
  const live = stderr.isTTY === true && env["TERM"] !== "dumb" && !env["CI"] && !flags.quiet && !flags.json;
  const screen = live ? liveScreen(stderr) : undefined;
  const now = () => context.clock().getTime();
  const tables = new Map<string, TableView>();
  let begun = now();
  let drawn = 0;
  const lines = () =>
    [...tables].map(([name, table]) =>
      clip(loadLine(name, table, { expected: expected?.[name], now: now() }), columns(context)),
    );
  const end = () => {
    for (const [name, table] of tables) {
      if (table.endedAt !== undefined) continue;
      table.endedAt = now();
      begun = table.endedAt;
      if (screen === undefined && !flags.json)
        say(
          context,
          `  ${name}  ${counted(table.rows, "row")}, ${duration(table.endedAt - table.startedAt)}`,
        );
    }
  };
  return {
    onProgress({ table: name, rows }) {
      if (!tables.has(name)) end();
      const table = tables.get(name) ?? { rows, startedAt: begun, endedAt: undefined };
      table.rows = rows;
      tables.set(name, table);
      if (screen === undefined || now() - drawn < redrawMs) return;
      drawn = now();
      screen.draw(lines());
    },
    done: end,
    close() {
      screen?.draw(lines());
      screen?.close();
    },
  };
}

function columns({ stderr }: CliContext): number {
  return (stderr.columns ?? 80) - 1;
}

interface LineOptions {
  readonly expected: number | undefined;
  readonly now: number;
}

const barColumns = 20;

/** "  orders                  ██████████░░░░░░░░░░  250,000 rows · 42,000 rows/s · 6.0 s" */
export function loadLine(name: string, table: TableView, { expected, now }: LineOptions): string {
  const elapsed = (table.endedAt ?? now) - table.startedAt;
  const share = table.endedAt !== undefined ? 1 : Math.min(0.99, table.rows / Math.max(1, expected ?? 1));
  const full = Math.round(share * barColumns);
  const bar = expected === undefined ? "" : `${"█".repeat(full)}${"░".repeat(barColumns - full)}  `;
  const speed = elapsed > 0 && table.rows > 0 ? ` · ${count((table.rows * 1000) / elapsed)} rows/s` : "";
  return `  ${pad(name, 22)}  ${bar}${counted(table.rows, "row")}${speed} · ${duration(elapsed)}`;
}
