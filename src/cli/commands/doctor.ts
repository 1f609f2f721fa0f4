import type { Finding } from "../../app/doctor-systems.ts";
import type { CommandSpec } from "../command.ts";
import { writeJson, writeLines } from "../context.ts";
import { exitCodes } from "../terminal/failure.ts";
import { renderFinding } from "../terminal/findings.ts";
import { styleFor } from "../terminal/style.ts";

/** Each failure is one line; exit 1 when there is one. */
export const command: CommandSpec = {
  name: "doctor",
  description:
    "Check that everything needed works: Node, the project, disk, engine, lake, sources, sinks, leases. Each line says ok, warn or fail, and what to do.",
  examples: [
    ["shoplake doctor", "look at everything"],
    ["shoplake doctor --json", "as data; exit 1 when something fails"],
  ],
  async run(context) {
    const { examine } = await import("../../app/doctor.ts");
    const findings: Finding[] = [];
    const { cwd, env, clock, signal, flags } = context;
    const style = styleFor(context.flags.color && context.stdout.isTTY === true);
    for await (const finding of examine({ cwd, project: flags.project, env, clock, signal })) {
      findings.push(finding);
      if (!context.flags.json) writeLines(context, renderFinding(finding, style));
    }
    if (context.flags.json) writeJson(context, findings);
    return findings.some((finding) => finding.verdict === "fail") ? exitCodes.failed : exitCodes.good;
  },
};
