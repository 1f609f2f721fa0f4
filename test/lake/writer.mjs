// A writer process on built JavaScript: appends 10 rows per commit with a position, prints the number of each acknowledged
// commit, and kills itself with SIGKILL at a given step. A step is the moment before or after each call of the file system
// or the engine. Argument: ChildWork as JSON (writer-child.ts).
import fs from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";

const work = JSON.parse(process.argv[2]);
let steps = 0;
let armed = false;

function step() {
  if (!armed) return;
  steps++;
  if (steps === work.dieAtStep) process.kill(process.pid, "SIGKILL");
}

function counted(call) {
  return async (...args) => {
    step();
    const result = await call(...args);
    step();
    return result;
  };
}

for (const name of ["link", "mkdir", "open", "readdir", "readFile", "rename", "rm"])
  fs[name] = counted(fs[name]);
syncBuiltinESMExports();

const { openEngine } = await import("../../dist/engine/open.js");
const { openLake } = await import("../../dist/lake/lake.js");
const { localStore } = await import("../../dist/lake/store/local.js");
const { s3Store } = await import("../../dist/lake/store/s3.js");

const found = await openEngine({ stateDir: work.stateDir, config: work.engine });
const engine = {
  ...found,
  rows: counted(found.rows),
  command: counted(found.command),
  upload: counted(found.upload),
  download: counted(found.download),
};
const secret = (value) => ({ reveal: () => value });
const store =
  work.s3 === undefined
    ? localStore(work.folder)
    : s3Store({ ...work.s3, accessKeyId: secret("testkey"), secretAccessKey: secret("testsecret") });
const lake = openLake({ store, engine, clock: () => new Date(), checkpointEvery: work.checkpointEvery });
const table = lake.table(work.dataset);
const columns = [
  { name: "id", type: "UInt64" },
  { name: "writer", type: "String" },
];

armed = true;
for (let n = 1; n <= work.commits; n++) {
  const base = await table.snapshot();
  if ((base?.positions.get(work.taskId) ?? 0) >= n) continue;
  const select = `SELECT number + ${n * 10} AS id, '${work.taskId}' AS writer FROM numbers(10)`;
  const add = await table.stage({ select, columns, taskId: work.taskId });
  await table.commit({
    base,
    add,
    remove: "none",
    positions: { [work.taskId]: n },
    info: {},
    taskId: work.taskId,
  });
  process.stdout.write(`${n}\n`);
}
process.stdout.write("", () => process.exit(0));
