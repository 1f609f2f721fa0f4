/** One picture of a run: a tree of tasks grouped by layer, never taller or wider than the terminal. A pure function. */
import type { TaskState } from "../../api/runs.ts";
import { isOver, type RunView, type TaskView } from "../../telemetry/run-view.ts";
import { count, counted, duration, type Style } from "./style.ts";
import { clip, pad, width } from "./width.ts";

/** How much room there is, and when it is. */
export interface FrameOptions {
  /** Width of the terminal, in characters. */
  readonly columns: number;
  /** Height of the terminal, in lines; the picture is at least one shorter. */
  readonly rows: number;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** With or without colours. */
  readonly style: Style;
}

/** `rows` is what the tree may take, without the footer. */
interface TreeOptions extends FrameOptions {
  readonly nameColumns: number;
}

const glyphs: Readonly<Record<TaskState, string>> = {
  queued: "·",
  running: "▸",
  success: "✔",
  failed: "✖",
  upstream_failed: "⊘",
  skipped: "–",
  up_for_retry: "↻",
  cancelled: "◌",
};

/** Glyph and word of a state, coloured, cut and filled to `columns`: "✔ success". Default: as long as it is. */
export function stateLabel(state: TaskState, style: Style, columns?: number): string {
  const text = `${glyphs[state]} ${state}`;
  const label = columns === undefined ? text : pad(clip(text, columns), columns);
  if (state === "success") return style.green(label);
  if (state === "failed") return style.red(label);
  if (state === "upstream_failed" || state === "up_for_retry" || state === "cancelled")
    return style.yellow(label);
  return state === "running" ? style.cyan(label) : style.dim(label);
}

/** Lines of the picture: all tasks when they fit, else a line per layer with the tasks that need attention. */
export function renderFrame(view: RunView, options: FrameOptions): string[] {
  const { tasks } = view;
  const groups = [...new Set(tasks.map((task) => task.group))];
  const budget = Math.max(2, options.rows - 2);
  const layout = { ...options, rows: budget, nameColumns: nameColumnsOf(tasks, options.columns) };
  const lines =
    groups.length + tasks.length <= budget
      ? groups.flatMap((group) => groupLines(group, membersOf(tasks, group), layout))
      : foldedLines(groups, tasks, layout);
  return [...lines, footer(view, options)];
}

/** Running and failing tasks are shown under their layer's tally, as many as there is room for. */
function foldedLines(groups: readonly string[], tasks: readonly TaskView[], options: TreeOptions): string[] {
  const eyes = tasks.filter(needsEyes);
  const room = Math.max(0, options.rows - groups.length);
  const shown = eyes.length <= room ? eyes : eyes.slice(0, Math.max(0, room - 1));
  const lines = groups.flatMap((group) =>
    groupLines(`${group}  ${tally(membersOf(tasks, group))}`, membersOf(shown, group), options),
  );
  if (shown.length < eyes.length)
    lines.push(options.style.dim(clip(`  … ${eyes.length - shown.length} more`, options.columns)));
  return lines.slice(0, options.rows);
}

function groupLines(head: string, tasks: readonly TaskView[], options: TreeOptions): string[] {
  return [options.style.bold(clip(head, options.columns)), ...tasks.map((task) => taskLine(task, options))];
}

function membersOf(tasks: readonly TaskView[], group: string): TaskView[] {
  return tasks.filter((task) => task.group === group);
}

/** What is done or waits is in the tally. */
function needsEyes(task: TaskView): boolean {
  return task.state === "running" || task.state === "failed" || task.state === "up_for_retry";
}

/** "12 success, 3 running, 40 queued" */
function tally(tasks: readonly TaskView[]): string {
  const states = [...new Set(tasks.map((task) => task.state))];
  return states
    .map((state) => `${count(tasks.filter((task) => task.state === state).length)} ${state}`)
    .join(", ");
}

/** As long as the longest name, but not more than two fifths of the terminal. */
function nameColumnsOf(tasks: readonly TaskView[], columns: number): number {
  const longest = Math.max(0, ...tasks.map((task) => width(task.dataset)));
  return Math.min(longest, Math.max(8, Math.floor(columns * 0.4)));
}

const stateWidth = "⊘ upstream_failed".length;

function taskLine(task: TaskView, { columns, nameColumns, now, style }: TreeOptions): string {
  const name = pad(clip(task.dataset, nameColumns), nameColumns);
  const labelColumns = Math.min(stateWidth, columns - nameColumns - 4);
  if (labelColumns < 3) return clip(`  ${name}`, columns);
  const room = columns - nameColumns - labelColumns - 6;
  const facts = room < 8 ? "" : clip(factsOf(task, now), room);
  return `  ${name}  ${stateLabel(task.state, style, labelColumns)}${facts ? `  ${facts}` : ""}`;
}

/** What a person wants to know now: step, rows, speed and time while it runs; the result afterwards. */
function factsOf(task: TaskView, now: number): string {
  if (task.state === "queued") return task.reason;
  if (task.startedAt === undefined) return task.message ?? task.reason;
  const elapsed = (task.endedAt ?? now) - task.startedAt;
  if (isOver(task.state))
    return [task.message, resultOf(task), duration(elapsed)].filter(Boolean).join(" · ");
  const retry = task.attempt > 1 ? `attempt ${task.attempt}` : "";
  const rows = task.rows > 0 ? counted(task.rows, "row") : "";
  const speed = task.rows > 0 && elapsed > 0 ? `${count((task.rows * 1000) / elapsed)} rows/s` : "";
  return [task.step, rows, speed, duration(elapsed), retry, task.message].filter(Boolean).join(" · ");
}

function resultOf(task: TaskView): string {
  if (task.counts === undefined || task.counts.read === 0) return "";
  const { published, rejected, deduplicated } = task.counts;
  const parts = [counted(published, "row")];
  if (rejected > 0) parts.push(`${count(rejected)} rejected`);
  if (deduplicated > 0) parts.push(`${count(deduplicated)} deduplicated`);
  return parts.join(", ");
}

function footer(view: RunView, { columns, now, style }: FrameOptions): string {
  const { tasks } = view;
  const over = tasks.filter((task) => isOver(task.state)).length;
  return style.dim(
    clip(`${over} of ${counted(tasks.length, "task")} · ${duration(now - view.startedAt)}`, columns),
  );
}
