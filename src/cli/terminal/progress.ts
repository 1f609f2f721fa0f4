/** Shows a run while it goes on: a live tree on a terminal, a line per event elsewhere. */
import type { CheckResult } from "../../api/checks.ts";
import type { RunBus } from "../../telemetry/bus.ts";
import { eventNames, listenTo } from "../../telemetry/events.ts";
import { follow, isOver, type RunView } from "../../telemetry/run-view.ts";
import type { CliContext, Output } from "../context.ts";
import { renderFrame, stateLabel } from "./frame.ts";
import { count, counted, duration, styleFor } from "./style.ts";

/** Stops showing; the last picture of a live tree stays on the screen. */
export type StopProgress = () => void;

/** Chooses by flags and terminal: nothing (--quiet), events as NDJSON on stdout (--json), the live tree, or plain lines. */
export function showProgress(context: CliContext, events: RunBus): StopProgress {
  const { flags, stderr } = context;
  if (flags.json) return jsonProgress(context.stdout, events);
  if (flags.quiet) return () => {};
  const live = stderr.isTTY === true && context.env["TERM"] !== "dumb" && !context.env["CI"];
  return live ? liveProgress(context, events) : plainProgress(context, events);
}

/** One line of JSON per event: {"event": "task.state", ...}. */
export function jsonProgress(stdout: Output, events: RunBus): StopProgress {
  return events.subscribe(
    "the output as JSON",
    listenTo(eventNames, (event, payload) => {
      stdout.write(`${JSON.stringify({ event, ...payload })}\n`);
    }),
  );
}

const redrawMs = 100;

/** Draws at most ten times a second, over the last picture, in one write that the terminal shows at once. */
export function liveProgress(context: CliContext, events: RunBus): StopProgress {
  const { stderr } = context;
  const now = () => context.clock().getTime();
  const { view, stop } = follow(events, now());
  const screen = liveScreen(stderr);
  const draw = () => {
    const known = view();
    if (known.tasks.length > 0) screen.draw(frameOf(known, context, now()));
  };
  const unsubscribe = events.subscribe("the picture of the run", {
    "task.warning": ({ dataset, message }) => screen.above(`warning: ${dataset}: ${message}`),
    "run.warning": ({ message }) => screen.above(`warning: ${message}`),
  });
  const timer = setInterval(draw, redrawMs);
  return () => {
    clearInterval(timer);
    unsubscribe();
    stop();
    draw();
    screen.close();
  };
}

function frameOf(view: RunView, { stderr, flags }: CliContext, now: number): string[] {
  const style = styleFor(flags.color);
  return renderFrame(view, { columns: (stderr.columns ?? 80) - 1, rows: stderr.rows ?? 24, now, style });
}

const hideCursor = "\x1b[?25l";
const showCursor = "\x1b[?25h";
/** Terminals that know them show everything between the two at once; others ignore them. */
const beginUpdate = "\x1b[?2026h";
const endUpdate = "\x1b[?2026l";
const eraseRestOfLine = "\x1b[K";
const eraseBelow = "\x1b[J";

interface LiveScreen {
  /** Replaces the last picture; every line must fit the terminal. */
  draw(lines: readonly string[]): void;
  /** Prints a line that stays, above the picture. */
  above(line: string): void;
  close(): void;
}

/** Overwrites its own lines in place: no clearing first, so nothing flickers. */
export function liveScreen(output: Output): LiveScreen {
  let shown: readonly string[] = [];
  const back = () => (shown.length === 0 ? "\r" : `\x1b[${Math.min(shown.length, output.rows ?? 24)}A\r`);
  const paint = (lines: readonly string[]) => lines.map((line) => `${line}${eraseRestOfLine}\n`).join("");
  return {
    draw(lines) {
      if (lines.length === shown.length && lines.every((line, index) => line === shown[index])) return;
      output.write(`${beginUpdate}${hideCursor}${back()}${paint(lines)}${eraseBelow}${endUpdate}`);
      shown = lines;
    },
    above(line) {
      output.write(`${beginUpdate}${back()}${eraseBelow}${line}\n${paint(shown)}${endUpdate}`);
    },
    close() {
      output.write(showCursor);
      shown = [];
    },
  };
}

/** A line when a task ends, is retried, warns or fails a check; with --verbose also when it starts and enters a step. */
export function plainProgress(context: CliContext, events: RunBus): StopProgress {
  const { stderr, flags } = context;
  const { view, stop } = follow(events, context.clock().getTime());
  const style = styleFor(flags.color);
  const line = (dataset: string, rest: string) => void stderr.write(`${dataset}  ${rest}\n`);
  const unsubscribe = events.subscribe("the lines of the run", {
    "run.started": ({ runId, tasks }) =>
      void stderr.write(`run ${runId}: ${counted(tasks.length, "task")}\n`),
    "task.state": ({ dataset, state, message }) => {
      if (isOver(state))
        line(dataset, `${stateLabel(state, style)}${endOf(view(), dataset)}${message ? `: ${message}` : ""}`);
      else if (state === "up_for_retry" || flags.verbose)
        line(dataset, `${stateLabel(state, style)}${message ? `: ${message}` : ""}`);
    },
    "task.step": ({ dataset, step }) => {
      if (flags.verbose) line(dataset, step);
    },
    "task.warning": ({ dataset, message }) => line(dataset, `${style.yellow("warning")}: ${message}`),
    "check.result": ({ result }) => {
      if (!result.success) line(result.dataset, checkLine(result));
    },
    "run.warning": ({ message }) => void stderr.write(`${style.yellow("warning")}: ${message}\n`),
  });
  return () => {
    unsubscribe();
    stop();
  };
}

/** "check not_null_order_id fail (error): 3 of 100 rows" */
export function checkLine(result: CheckResult): string {
  const rows = `${count(result.unexpected_count)} of ${counted(result.element_count, "row")}`;
  return `check ${result.name} ${result.status} (${result.severity}): ${result.message || rows}`;
}

function endOf(view: RunView, dataset: string): string {
  const task = view.tasks.find((one) => one.dataset === dataset);
  if (task?.startedAt === undefined || task.endedAt === undefined) return "";
  const rows = task.counts && task.counts.read > 0 ? `, ${counted(task.counts.published, "row")}` : "";
  const rejected = task.counts && task.counts.rejected > 0 ? `, ${count(task.counts.rejected)} rejected` : "";
  return `${rows}${rejected}, ${duration(task.endedAt - task.startedAt)}`;
}
