// Runs the project in argv[2] and kills itself (or, with "engine", the engine) with SIGKILL at the n-th event of the kind
// argv[3], argv[5] ms later. Kinds: "step:<step>", "step:<step>:<dataset>", "start".
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { openProject } from "../../dist/host/open.js";
import { createPlan } from "../../dist/pipeline/index.js";
import { startRun } from "../../dist/runs/index.js";

const [, , dir, kind, nth, delay, victim, now] = process.argv;
const engine = () => JSON.parse(readFileSync(join(dir, ".shoplake/engine.json"), "utf8")).pid;
let left = Number(nth);

function hit(name) {
  if (name !== kind || --left !== 0) return;
  const kill = () => process.kill(victim === "engine" ? engine() : process.pid, "SIGKILL");
  if (Number(delay) === 0) kill();
  else setTimeout(kill, Number(delay));
}

const project = await openProject({ dir, ...(now && { clock: () => new Date(now) }) });
const run = startRun(project, await createPlan(project));
run.events.subscribe("the test", {
  "task.step": ({ step, dataset }) => {
    hit(`step:${step}`);
    hit(`step:${step}:${dataset}`);
  },
  "run.started": () => hit("start"),
});
const report = await run.done;
process.stdout.write(`${report.state}\n`);
await project.close();
