import { examine } from "../../app/doctor.ts";
import type { Finding, Verdict } from "../../app/doctor-systems.ts";
import type { CommandSpec } from "../command.ts";
import { writeJson, writeLines } from "../context.ts";
import { exitCodes } from "../terminal/failure.ts";
import { type Style, styleFor } from "../terminal/style.ts";

export const command: CommandSpec = {
  name: "doctor",
  description:
    "Check that everything needed works: Node, the project, disk, engine, lake, sources, sinks, leases. Each line says ok, warn or fail, and what to do.",
  examples: [
    ["shoplake doctor", "look at everything"],
    ["shoplake doctor --json", "as data; exit 1 when something fails"],
  ],
  async run(context) {
    const findings: Finding[] = [];
    const style = styleFor(context.flags.color && context.stdout.isTTY === true);
    for await (const finding of examine(context)) {
      findings.push(finding);
      if (!context.flags.json) writeLines(context, renderFinding(finding, style));
    }
    if (context.flags.json) writeJson(context, findings);
    return findings.some((finding) => finding.verdict === "fail") ? exitCodes.failed : exitCodes.good;
  },
};

/** "ok    node      22.1.0", and what to do on a line of its own. */
export function renderFinding({ subject, verdict, message, hint }: Finding, style: Style): string[] {
  const line = `${colourOf(verdict, style)(verdict.padEnd(4))}  ${subject.padEnd(10)}  ${message}`;
  return hint === undefined ? [line] : [line, `${" ".repeat(18)}${style.dim("to do:")} ${hint}`];
}

function colourOf(verdict: Verdict, style: Style): (text: string) => string {
  if (verdict === "ok") return style.green;
  return verdict === "warn" ? style.yellow : style.red;
}
