// Migrates the state of the project in argv[2] and kills with SIGKILL, at the n-th statement (argv[3]) that changes something:
// "self": this process, before the statement; "engine": the engine, while it works on it.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { openEngine } from "../../dist/engine/open.js";
import { localStore } from "../../dist/lake/store/local.js";
import { openOwner } from "../../dist/state/owners.js";
import { ensureSchema } from "../../dist/state/schema.js";

const [, , dir, nth, victim] = process.argv;
const stateDir = join(dir, ".shoplake");
const config = { kind: "embedded", memoryBytes: 1_000_000_000, threads: 2, slots: 8 };
const engine = await openEngine({ stateDir, config });
const enginePid = () => JSON.parse(readFileSync(join(stateDir, "engine.json"), "utf8")).pid;
let left = Number(nth);
const command = (sql, options) => {
  const last = --left === 0;
  if (last && victim === "self") process.kill(process.pid, "SIGKILL");
  const done = engine.command(sql, options);
  if (last) process.kill(enginePid(), "SIGKILL");
  return done;
};
await ensureSchema(
  { ...engine, command },
  { owner: openOwner({ store: localStore(join(stateDir, "lake")), startedAt: new Date() }) },
);
await engine.close();
