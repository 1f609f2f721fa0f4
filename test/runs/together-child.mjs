// One process that writes the datasets of a project while others do too. argv: project folder, what it does, and the
// milliseconds after which it kills itself (0: never). "run", "replay" (silver anew), "maintain", "vacuum" (without retention).
// Prints what failed as JSON lines; its end is "done".

import { maintain } from "../../dist/app/maintain.js";
import { openProject } from "../../dist/host/open.js";
import { createPlan } from "../../dist/pipeline/index.js";
import { runPlan } from "../../dist/runs/index.js";

const [, , dir, action, killAfter] = process.argv;
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

const project = await openProject({ dir });
if (Number(killAfter) > 0) setTimeout(() => process.kill(process.pid, "SIGKILL"), Number(killAfter));

async function run(options) {
  const report = await runPlan(project, await createPlan(project, options));
  for (const { dataset, error } of report.tasks) if (error) say({ dataset, ...error });
}

async function maintained(request) {
  const done = await maintain(project.host, request, { signal: new AbortController().signal });
  for (const { dataset, error } of done) if (error) say({ dataset, ...error });
}

try {
  if (action === "run") await run({});
  if (action === "replay") await run({ select: ["silver.orders"], fullRefresh: true });
  if (action === "maintain") await maintained({});
  if (action === "vacuum") await maintained({ retentionHours: 0 });
} catch (error) {
  say({ code: error.code ?? "internal", message: error.message });
}
await project.close();
say("done");
