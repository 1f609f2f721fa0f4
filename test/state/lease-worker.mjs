// One process of the lease race: takes and gives back a lease many times; now and then it dies holding it.
// argv: lake folder, name of the lease, log file, rounds, seed, probability of dying.
// Prints "done" at its end; dies with SIGKILL otherwise. Appends "<token> <pid>" to the log while it holds the lease.
import { appendFileSync, closeSync, openSync, readFileSync, unlinkSync, writeSync } from "node:fs";
import { localStore } from "../../dist/lake/store/local.js";
import { acquireLease } from "../../dist/state/lease.js";

const [, , folder, name, log, rounds, seed, deadly] = process.argv;
const store = localStore(folder);
let random = Number(seed);
const next = () => {
  random = (random * 1103515245 + 12345) % 2147483648;
  return random / 2147483648;
};
const owner = {
  pid: process.pid,
  host: "here",
  startedAt: new Date().toISOString(),
  runId: `run${process.pid}`,
};

for (let round = 0; round < Number(rounds); round++) {
  const lease = await acquireLease(store, name, owner, {
    clock: () => new Date(),
    wait: 60_000,
    heartbeat: 0,
  });
  enter();
  appendFileSync(log, `${lease.token} ${process.pid}\n`);
  await new Promise((resolve) => setTimeout(resolve, next() * 3));
  await lease.check();
  if (next() < Number(deadly)) process.kill(process.pid, "SIGKILL");
  leave();
  await lease.release();
}
process.stdout.write("done\n");

/** The critical section: a file that only one process may have. One left by a killed process is taken over. */
function enter() {
  for (;;) {
    try {
      const file = openSync(`${log}.inside`, "wx");
      writeSync(file, String(process.pid));
      closeSync(file);
      return;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
      const other = Number(readFileSync(`${log}.inside`, "utf8"));
      if (isAlive(other)) {
        appendFileSync(log, `VIOLATION ${process.pid} met ${other}\n`);
        process.exit(3);
      }
      unlinkSync(`${log}.inside`);
    }
  }
}

function leave() {
  unlinkSync(`${log}.inside`);
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.[0] !== "Z";
  } catch {
    return false;
  }
}
