import type { LoggedEvent } from "../../telemetry/run-log.ts";
import type { CommandSpec } from "../command.ts";
import { writeLines } from "../context.ts";
import { withHost } from "../open.ts";
import { count } from "../terminal/style.ts";
import { localTime } from "../terminal/time.ts";

/** Needs no source: reads the log that the run has kept. */
export const command: CommandSpec = {
  name: "logs",
  description:
    "Print the events of a run in their order. With --json each event is one line, as it was recorded.",
  arguments: [{ name: "[run]", description: "id of a run, or its beginning (default: the newest one)" }],
  examples: [
    ["shoplake logs", "the newest run"],
    ["shoplake logs 3f9c --json", "one run as lines of JSON"],
  ],
  async run(context, [given = "last"]) {
    const { eventsOfRun } = await import("../../app/logs.ts");
    await withHost(context, async (host) => {
      const { timezone } = host.config;
      const events = await eventsOfRun(host, given);
      const line = (event: LoggedEvent) =>
        context.flags.json ? JSON.stringify(event) : `${localTime(event.time, timezone)}  ${describe(event)}`;
      writeLines(context, events.map(line));
    });
  },
};

/** "silver.orders  failed: the reason" */
function describe(event: LoggedEvent): string {
  const text = (name: string) => (event[name] === undefined ? "" : String(event[name]));
  const dataset = text("dataset");
  switch (event.event) {
    case "run.started":
      return `run ${event.runId} started: ${(event["tasks"] as unknown[]).length} tasks`;
    case "run.finished":
      return `run ${event.runId} ${text("state")}, ${text("durationMs")} ms`;
    case "task.state":
      return `${dataset}  ${text("state")}${event["message"] === undefined ? "" : `: ${text("message")}`}`;
    case "task.step":
      return `${dataset}  ${text("step")}`;
    case "task.inputs":
      return `${dataset}  reads ${inputsText(event["inputs"])}`;
    case "run.warning":
      return `warning: ${text("message")}`;
    case "task.published":
      return `${dataset}  version ${text("version")}: ${countsText(event["counts"])}`;
    case "check.result":
      return checkText(event["result"]);
    default:
      return `${dataset}  warning: ${text("message")}`;
  }
}

/** "silver.orders version 41, silver.products version 7" */
function inputsText(inputs: unknown): string {
  const entries = Object.entries(inputs as Record<string, number>);
  return entries.map(([name, version]) => `${name} version ${version}`).join(", ") || "no dataset";
}

function countsText(counts: unknown): string {
  const entries = Object.entries(counts as Record<string, number>);
  return entries.map(([name, rows]) => `${name} ${count(rows)}`).join(", ");
}

function checkText(result: unknown): string {
  const { dataset, name, status, message } = result as Record<string, string>;
  return `${dataset}  check ${name} ${status}${message ? `: ${message}` : ""}`;
}
