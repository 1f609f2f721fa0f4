// One process of the lease race: takes and gives back a lease many times; now and then it dies holding it, or waiting for it.
// argv: lake folder, name of the lease, log file, rounds, seed, probability of dying, share of appends.
// Prints "done" at its end; dies with SIGKILL otherwise. Appends "<token> <mode> <pid> <waited ms>" to the log while it holds it.
import { appendFileSync, readdirSync, readFileSync, unlinkSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { localStore } from "../../dist/lake/store/local.js";
import { acquireLease } from "../../dist/state/lease.js";
import { openOwner } from "../../dist/state/owners.js";

const [, , folder, name, log, rounds, seed, deadly, appends] = process.argv;
let random = Number(seed);
const next = () => {
  random = (random * 1103515245 + 12345) % 2147483648;
  return random / 2147483648;
};
const owner = openOwner({ store: localStore(folder), startedAt: new Date() });
const die = () => process.kill(process.pid, "SIGKILL");

for (let round = 0; round < Number(rounds); round++) {
  const mode = next() < Number(appends) ? "append" : "rewrite";
  const asked = performance.now();
  const onWait = () => {
    if (next() < Number(deadly) / 2) die();
  };
  const lease = await acquireLease(owner, name, { purpose: "race", mode, wait: 60_000, onWait });
  enter(mode);
  appendFileSync(log, `${lease.token} ${mode} ${process.pid} ${Math.round(performance.now() - asked)}\n`);
  await new Promise((resolve) => setTimeout(resolve, next() * 3));
  await lease.check();
  if (next() < Number(deadly)) die();
  leave(mode);
  await lease.release();
}
await owner.close();
process.stdout.write("done\n");

/** The critical section: one file for each process inside, which says how it is there. Files of killed processes do not count. */
function enter(mode) {
  writeFileSync(`${log}.inside.${mode}.${process.pid}`, "");
  for (const file of readdirSync(dirname(log))) {
    const [, others, pid] = /\.inside\.(append|rewrite)\.(\d+)$/.exec(file) ?? [];
    if (pid === undefined || Number(pid) === process.pid || !file.startsWith(basename(log))) continue;
    if (mode === "append" && others === "append") continue;
    if (isAlive(Number(pid))) {
      appendFileSync(log, `VIOLATION ${mode} of ${process.pid} met ${others} of ${pid}\n`);
      process.exit(3);
    }
    try {
      unlinkSync(join(dirname(log), file));
    } catch {}
  }
}

function leave(mode) {
  unlinkSync(`${log}.inside.${mode}.${process.pid}`);
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.[0] !== "Z";
  } catch {
    return false;
  }
}
